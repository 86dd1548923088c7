"""What the field counts of its tickets (响应率、解决率、满意率 …): views of the database, each with its
definition, and adding them up."""

"""What the bot can do: take a matter down, answer a question, look after tickets, call a person.

`endpoint` serves the rasa-sdk actions to the engine; `intake` is the pure dialogue behind the form.
"""

"""Tickets from files and into files: CSV and XLSX, as other systems and spreadsheets write them."""

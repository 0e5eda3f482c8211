"""What the manager API takes and answers. No rules here."""

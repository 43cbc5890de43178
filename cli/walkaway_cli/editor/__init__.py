"""What an editor shows of policies, tables and features while they are written; `server` speaks to the editor."""

"""Questions of one's own: every stream as a table, answered beside the running job."""

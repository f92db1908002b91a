"""The browser page of the sandbox: a person looks at the workspace and acts in it."""

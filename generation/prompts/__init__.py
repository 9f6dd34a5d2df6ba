"""Reading a prompt: who is named, what is said, where it happens, how it is shot. No models, no torch, no numpy."""

"""The event bus (`seq`, topics, replay memory), the reader of published events, repeated account pushes dropped."""

"""The pages: server-rendered, every control a form field that works without JavaScript. Over the API's handlers."""

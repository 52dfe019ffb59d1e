"""The phone page and the staff page: what they show, as JSON; their own HTML, CSS and script lie in `static`."""

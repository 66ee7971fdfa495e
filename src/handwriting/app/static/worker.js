// Makes the application installable; a reading needs the server, so nothing is kept here.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  const offline = () => new Response(
    "<!doctype html><meta name=viewport content='width=device-width'>" +
    "<title>Handwriting</title><p style='font:1.1rem system-ui;margin:3rem'>" +
    "The server cannot be reached. Check the connection, then load the page again.</p>",
    { headers: { "Content-Type": "text/html; charset=utf-8" } });
  event.respondWith(fetch(event.request).catch(offline));
});

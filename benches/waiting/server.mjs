// A server that answers every request after the same delay, and counts how many it has under way.
// Run with the delay in milliseconds and the size of an answer in bytes; it prints its port. `GET /peak` tells the most
// requests that were under way at once since the last time that was asked.
import http from 'node:http';

const [delay, size] = process.argv.slice(2).map(Number);
const filling = 'x'.repeat(size);
let running = 0;
let peak = 0;

const server = http.createServer((request, response) => {
  if (request.url === '/peak') {
    response.end(String(peak));
    peak = 0;
    return;
  }
  running += 1;
  peak = Math.max(peak, running);
  setTimeout(() => {
    running -= 1;
    const id = Number(request.url.split('/').pop()) || 0;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id, filling }));
  }, delay);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

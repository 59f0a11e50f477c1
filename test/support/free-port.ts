/** A port for a server that keeps its number through every start. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which the system gives ports of its own accord (32768 on Linux): nobody who asks for any gets ours. */
const from = 12_000;
const to = 32_000;

/** One on which nobody listens now. The system gives it to nobody, and another run would have to draw the same number. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(from, to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A relay on loopback between two parties of a scenario, whose ways a test can hold back or cut. */
import net from 'node:net';

export interface LineProxy {
  readonly port: number;
  /** Holds back what goes from the far end to the near end, such as acknowledgements, until `letPass`. */
  holdAnswers(): void;
  letPass(): void;
  /** Cuts every connection. */
  cut(): void;
  /** Hangs up on whoever connects, until `accept`. */
  refuse(): void;
  accept(): void;
  /** Bytes that went from the near end to the far end. */
  readonly forwardBytes: number;
  /** Connections that are open now. */
  readonly openCount: number;
  close(): Promise<void>;
}

/** Listens on a free port and relays every connection to `targetPort`. */
export async function startProxy(targetPort: number): Promise<LineProxy> {
  const pairs = new Set<{ near: net.Socket; far: net.Socket; held: Buffer[] }>();
  let holding = false;
  let refusing = false;
  let forwardBytes = 0;
  const server = net.createServer((near) => {
    if (refusing) {
      near.destroy();
      return;
    }
    const far = net.connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    const pair = { near, far, held: [] as Buffer[] };
    pairs.add(pair);
    near.setNoDelay(true);
    near.on('data', (bytes) => {
      forwardBytes += bytes.length;
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (holding) pair.held.push(bytes);
      else near.write(bytes);
    });
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of [near, far]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    get forwardBytes() {
      return forwardBytes;
    },
    get openCount() {
      return pairs.size;
    },
    holdAnswers() {
      holding = true;
    },
    letPass() {
      holding = false;
      for (const pair of pairs) for (const bytes of pair.held.splice(0)) pair.near.write(bytes);
    },
    cut() {
      for (const pair of pairs) pair.near.destroy();
    },
    refuse() {
      refusing = true;
    },
    accept() {
      refusing = false;
    },
    async close() {
      for (const pair of pairs) pair.near.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

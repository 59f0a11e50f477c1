/** A line to a server on loopback that can be cut at a COMMIT: just before the server hears it, or just after. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableLine {
  readonly port: number;
  /** Cuts the connection that carries the next COMMIT, however it is spelt, and calls back at that moment. */
  cutAt(moment: 'before COMMIT' | 'after COMMIT', onCut?: () => void, spelling?: 'COMMIT' | 'commit\0'): void;
  /** How many connections were cut. */
  cuts(): number;
  close(): Promise<void>;
}

export async function cuttable(serverPort: number): Promise<CuttableLine> {
  let armed: 'before COMMIT' | 'after COMMIT' | undefined;
  let words = 'COMMIT';
  let cutCount = 0;
  let told = (): void => undefined;
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: serverPort });
    let deaf = false;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.on('data', (bytes) => {
      if (armed !== undefined && bytes.includes(words)) {
        cutCount += 1;
        const moment = armed;
        armed = undefined;
        if (moment === 'before COMMIT') {
          told();
          // What goes before it in the same bytes arrives.
          far.write(bytes.subarray(0, bytes.indexOf(words)));
          return end();
        }
        deaf = true;
      }
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      // The server has answered the COMMIT; its answer never arrives.
      if (deaf) {
        told();
        end();
      } else near.write(bytes);
    });
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const address = line.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutAt(moment, onCut = () => undefined, spelling = 'COMMIT') {
      armed = moment;
      told = onCut;
      words = spelling;
    },
    cuts: () => cutCount,
    async close() {
      for (const socket of sockets) socket.destroy();
      line.close();
      await once(line, 'close');
    },
  };
}

/**
 * The other processes of a benchmark, so that what is measured has a core of its own:
 * `bench-peer.ts switch` is the simulated switch, `bench-peer.ts relay PORT` a bare relay in front of it. Both print their
 * port and run until their standard input ends.
 */
import net from 'node:net';
import { systemClock } from '../../src/host/clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

/** Joins each client to the switch, byte for byte, and knows nothing of what passes: what any gateway costs is more. */
function startRelay(switchPort: number): Promise<number> {
  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ host: '127.0.0.1', port: switchPort, noDelay: true });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });
}

async function startSwitch(): Promise<number> {
  const simulator = await startSimulator({ port: 0, clock: systemClock, eventsMax: 1_000 });
  return simulator.address.port;
}

const [role, port] = process.argv.slice(2);
process.stdout.write(`${role === 'switch' ? await startSwitch() : await startRelay(Number(port))}\n`);
process.stdin.resume().on('end', () => process.exit(0));

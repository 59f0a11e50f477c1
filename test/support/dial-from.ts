/** Dials a door from an address of the caller's choice, as each of twenty programs would from a machine of its own. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { systemClock } from '../../src/host/clock.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { linkSettings } from '../../src/wire/settings.ts';
import { SocketLink } from '../../src/wire/sockets/socket-link.ts';
import { peerOf } from '../../src/wire/sockets/tls.ts';

/** Resolves when the session is open; rejects when the door is shut. Every text is acknowledged after `onText` has it. */
export async function dialFrom(
  localAddress: string,
  to: { readonly host: string; readonly port: number },
  onText: (text: string) => void,
): Promise<SocketLink> {
  const socket = connect({ ...to, localAddress, allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect');
  const profile = wireProfile('foxtalk-1');
  return new Promise((resolve, reject) => {
    const link = new SocketLink({
      id: `from-${localAddress}`,
      socket,
      peer: peerOf(socket),
      role: 'client',
      profile,
      settings: linkSettings(profile),
      clock: systemClock,
      lastId: 1,
      onGone: (_link, reason) => reject(new Error(`the link did not open: ${reason}`)),
      events: {
        onOpen: (one) => resolve(one as SocketLink),
        onMessage(_link, incoming) {
          onText(incoming.payload.toString('latin1'));
          incoming.acknowledge();
        },
      },
    });
    link.start();
  });
}

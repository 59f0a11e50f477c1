/** The line to the State's switch: kept up, its arrivals taken one after another, its loss told to every screen. */
import type { Log } from '../../host/log.ts';
import type { Incoming, Link, LinkEvents } from '../../wire/link.ts';
import type { AcknowledgedBefore } from '../../wire/session/acknowledged-before.ts';
import { keepDialed } from '../../wire/sockets/dial.ts';
import type { LinkTap } from '../../wire/sockets/socket-link.ts';
import { type Now, nowOf } from '../change.ts';
import { takeFromUpstream } from '../intake/upstream-intake.ts';
import type { Sender } from '../outbound/sender.ts';
import type { Parts } from '../parts.ts';
import { endsOf } from '../records/frames.ts';
import { isFrameFault, type TurnedAway } from '../records/turned-away.ts';
import { lineProfile, lineSettings } from './line-profile.ts';
import { readTls } from './tls-files.ts';

export interface Upstream {
  readonly state: 'up' | 'connecting' | 'down';
  readonly sinceMs: number;
  /** One sentence for the status line. */
  readonly text: string;
  /** The open link, when there is one. */
  readonly links: readonly Link[];
  close(): Promise<void>;
}

export interface UpstreamPorts {
  readonly sender: Sender;
  readonly log: Log;
  /** Puts on file which of the switch's frames could not be taken, and that its TLS fails. */
  readonly turnedAway: Pick<TurnedAway, 'tell'>;
  /** Records what passes on the line. */
  readonly trace?: LinkTap | undefined;
  onChange(state: Upstream['state']): void;
  onFault(error: unknown): void;
}

/** How far back a payload of the switch is known again, and how many at most (wire.md 14.3). */
const recentMs = 600_000;
const recentFrames = 64;

/** What the switch was acknowledged in an earlier life of this gateway, from the ledger. */
async function acknowledgedBefore({ ledger, clock }: Parts): Promise<readonly AcknowledgedBefore[]> {
  const nowMs = clock.wallMs();
  const query = { stream: 'frame', actor: 'upstream', fromMs: nowMs - recentMs, limit: recentFrames } as const;
  return (await ledger.events(query)).map(({ data, atMs }) => ({
    exchangeId: Number(data['exchangeId']),
    sha256: String(data['sha256']),
    agoMs: Math.max(0, nowMs - atMs),
  }));
}

/** Dials the switch and keeps the line. `onChange` is called whenever its state has changed. */
export async function openUpstream(parts: Parts, ports: UpstreamPorts): Promise<Upstream> {
  const line = parts.config.upstream;
  const { host, port, tls, insideVpn, reconnectMs } = line;
  const before = await acknowledgedBefore(parts);
  let state: Upstream['state'] = 'connecting';
  let sinceMs = parts.clock.wallMs();
  let text = 'Connecting to the State switch.';

  const become = (next: Upstream['state'], words: string): void => {
    if (next !== state) sinceMs = parts.clock.wallMs();
    state = next;
    text = words;
    ports.onChange(next);
  };

  const arrivals = arrivalsOf(parts, ports);
  const dialer = keepDialed({
    name: 'upstream',
    host,
    port,
    profile: lineProfile(line),
    settings: lineSettings(line),
    ...(tls === undefined ? {} : { tls: readTls(tls) }),
    insideVpn,
    ...(ports.trace === undefined ? {} : { tap: ports.trace }),
    clock: parts.clock,
    acknowledgedBefore: before,
    reconnectDelayMs: reconnectMs,
    reconnectJitterMs: Math.round(reconnectMs / 6),
    onUp(link) {
      ports.log.info({ code: 'UPSTREAM_UP', link: link.id });
      become('up', 'The line to the State switch is up.');
      ports.sender.linkUp(link).catch(ports.onFault);
    },
    onDown(reason, retryInMs) {
      ports.log.warn({ code: 'UPSTREAM_DOWN', reason, ms: Math.round(retryInMs) });
      // Whoever answers there is not the switch that is trusted, or does not trust us.
      if (reason === 'TLS_FAILED') ports.turnedAway.tell({ door: 'upstream', reason, peer: host });
      become('down', `The line to the State switch is down (${reason}); next try in ${Math.ceil(retryInMs / 1000)} s.`);
      ports.sender.linkDown();
    },
    events: arrivals.events,
  });
  const unfollow =
    tls === undefined ? undefined : parts.certificates.follow('upstream', tls, (renewed) => dialer.reloadTls(renewed));

  return {
    get state() {
      return state;
    },
    get sinceMs() {
      return sinceMs;
    },
    get text() {
      return text;
    },
    get links() {
      return dialer.link === undefined ? [] : [dialer.link];
    },
    async close() {
      unfollow?.();
      await dialer.close();
      await arrivals.settled();
    },
  };
}

/** What the line brings, taken one after another, so that two requests about one record find the same case. */
function arrivalsOf(parts: Parts, ports: Pick<UpstreamPorts, 'log' | 'turnedAway' | 'onFault'>) {
  const { log, turnedAway, onFault } = ports;
  const take = takerOf(parts, onFault);
  let taking: Promise<void> = Promise.resolve();
  const events: LinkEvents = {
    onMessage(link, incoming) {
      const at = nowOf(parts.clock);
      taking = taking.then(() => take(link, incoming, at)).catch(onFault);
    },
    onClosed: (link) => parts.frames.forget(link),
    beforeResend: (link, exchangeId) => parts.frames.repeating(link, exchangeId),
    onNotice(link, { code, exchangeId, offset, bytes }) {
      log.warn({ code, link: link.id, exchangeId, offset, bytes });
      if (isFrameFault(code)) turnedAway.tell({ door: 'upstream', reason: code, peer: link.peer.address });
    },
  };
  return { events, settled: () => taking };
}

/** Files what came and answers it; what cannot be kept is refused, so that the switch keeps it. */
function takerOf(parts: Parts, onFault: (error: unknown) => void) {
  return async (link: Link, incoming: Incoming, at: Now): Promise<void> => {
    try {
      await takeFromUpstream(parts, {
        payload: incoming.payload,
        at,
        linkId: link.id,
        ...endsOf(link.peer),
        newline: link.newline,
        exchangeId: incoming.exchangeId,
        duplicate: incoming.duplicate,
      });
    } catch (error) {
      onFault(error);
      incoming.refuse('NOT STORED - SEND AGAIN');
      return;
    }
    incoming.acknowledge();
  };
}

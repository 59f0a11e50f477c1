/** The door of stations: dispatch centers and programs. A station is known by address or certificate, or stays outside. */
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import type { CloseReason, Incoming, Link, Peer } from '../../wire/link.ts';
import { type LinkDoor, listenLinks } from '../../wire/sockets/listen.ts';
import type { LinkTap } from '../../wire/sockets/socket-link.ts';
import { raise } from '../alarms/alarm.ts';
import { nowOf } from '../change.ts';
import type { StationConfig } from '../config.ts';
import type { StationDelivery } from '../delivery/station-delivery.ts';
import { openRepeats, type Repeats } from '../intake/repeats.ts';
import type { Parts } from '../parts.ts';
import { endsOf } from '../records/frames.ts';
import { isFrameFault, type TurnedAway } from '../records/turned-away.ts';
import { lineProfile, lineSettings } from './line-profile.ts';
import { readTls } from './tls-files.ts';

/** Whether a peer is the one that is set up: whatever of address and certificate is given must be its own. */
export function isKnownPeer(
  known: { readonly address?: string | undefined; readonly certificateSha256?: string | undefined },
  peer: Peer,
): boolean {
  if (known.certificateSha256 !== undefined && known.certificateSha256 !== peer.certificateSha256) return false;
  return known.address === undefined || known.address === peer.address.replace(/^::ffff:/, '');
}

/** The station a peer is, by certificate first; an address alone is enough only where no certificate is asked of it. */
export function stationOf(stations: readonly StationConfig[], peer: Peer): StationConfig | undefined {
  const known = stations.filter((one) => {
    const isSetUp = one.certificateSha256 !== undefined || one.address !== undefined;
    return isSetUp && isKnownPeer(one, peer);
  });
  // Several may sit behind one address: who shows a certificate is whoever it is of, and never the one known by address alone.
  return known.find((one) => one.certificateSha256 !== undefined) ?? known[0];
}

/** The same station is told of no more often. */
const sameAgainMs = 60_000;

export interface StationDoorPorts {
  readonly delivery: StationDelivery;
  readonly log: Log;
  /** Puts on file who and what is turned away here. */
  readonly turnedAway: Pick<TurnedAway, 'tell'>;
  /** Records what passes on the links. */
  readonly trace?: LinkTap;
  onFault(error: unknown): void;
}

/** Opens the door. Each arrival is acknowledged only after the ledger has it; one that cannot be kept is refused. */
export async function openStationDoor(parts: Parts, ports: StationDoorPorts): Promise<LinkDoor> {
  const line = parts.config.doors.station;
  const { host, port, tls, insideVpn, stations, linksMax, linksPerStationMax } = line;
  const byLink = new Map<string, StationConfig>();

  const repeats = await openRepeats(parts);
  const take = takerOf({ byLink, repeats, clock: parts.clock, onFault: ports.onFault });

  const alarm = stationAlarm(parts, ports.onFault);
  const door = await listenLinks({
    name: 'station',
    host,
    port,
    profile: lineProfile(line),
    settings: lineSettings(line),
    linksMax,
    ...(tls === undefined ? {} : { tls: readTls(tls) }),
    insideVpn,
    clock: parts.clock,
    ...(ports.trace === undefined ? {} : { tap: ports.trace }),
    allow: (peer) => stationOf(stations, peer) !== undefined,
    perPeer: { nameOf: (peer) => stationOf(stations, peer)?.id, linksMax: linksPerStationMax },
    onRefused(peer, reason) {
      const station = stationOf(stations, peer)?.id;
      ports.log.warn({ code: 'STATION_REFUSED', reason, ...(station === undefined ? {} : { station }) });
      ports.turnedAway.tell({ door: 'station', reason, peer: peer.address, station });
      if (reason === 'LINKS_FULL') alarm('STATIONS_FULL');
      if (reason === 'PEER_LINKS_FULL') alarm('STATION_LINKS_FULL', station);
    },
    events: {
      onOpen(link) {
        const station = stationOf(stations, link.peer);
        if (station === undefined) {
          void link.close('PEER_REFUSED');
          return;
        }
        byLink.set(link.id, station);
        ports.log.info({ code: 'STATION_UP', station: station.id, link: link.id });
        ports.delivery.linkUp(station.id, link);
      },
      onMessage: (link, incoming) => void take(link, incoming).catch(ports.onFault),
      onClosed(link, reason) {
        const station = byLink.get(link.id);
        byLink.delete(link.id);
        parts.frames.forget(link);
        if (station === undefined) return;
        ports.log.info({ code: 'STATION_DOWN', station: station.id, link: link.id, reason });
        ports.delivery.linkDown(station.id, link);
        if (isDead(reason)) alarm('STATION_SILENT', station.id);
      },
      beforeResend: (link, exchangeId) => parts.frames.repeating(link, exchangeId),
      onNotice(link, { code, exchangeId, offset, bytes }) {
        ports.log.warn({ code, link: link.id, exchangeId, offset, bytes });
        if (!isFrameFault(code)) return;
        const { address } = link.peer;
        ports.turnedAway.tell({
          door: 'station',
          reason: code,
          peer: address,
          station: stationOf(stations, link.peer)?.id,
        });
      },
    },
  });
  if (tls === undefined) return door;
  const unfollow = parts.certificates.follow('station-door', tls, (renewed) => door.reloadTls(renewed));
  return closedWith(door, unfollow);
}

/** A peer that is gone without a word, or lets everything lie; a link that was lost or ended is ordinary. */
function isDead(reason: CloseReason): boolean {
  return reason === 'PEER_SILENT' || reason === 'PEER_NOT_READING';
}

/**
 * Alarms about stations: each once a minute for a station, so that one that comes and goes buries nothing. A peer that is no
 * station, as long as its handshake has not ended, is told of without a name.
 */
function stationAlarm(
  parts: Parts,
  onFault: (error: unknown) => void,
): (code: 'STATION_SILENT' | 'STATION_LINKS_FULL' | 'STATIONS_FULL', stationId?: string) => void {
  const raisedAtMs = new Map<string, number>();
  return (code, stationId) => {
    const nowMs = parts.clock.monoMs();
    const name = `${code} ${stationId ?? ''}`;
    if (nowMs - (raisedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < sameAgainMs) return;
    raisedAtMs.set(name, nowMs);
    const about = { alarmId: parts.ids.next('a'), ...(stationId === undefined ? {} : { stationId }) };
    parts.change((change) => raise(change, code, about)).catch(onFault);
  };
}

/** The door, which stops following its certificates when it closes. */
function closedWith(door: LinkDoor, unfollow: () => void): LinkDoor {
  return {
    address: door.address,
    links: door.links,
    reloadTls: (tls) => door.reloadTls(tls),
    close: () => {
      unfollow();
      return door.close();
    },
  };
}

/** Files what a station sent and answers it; what cannot be kept is refused, so that the station sends it again. */
function takerOf(ports: {
  readonly byLink: ReadonlyMap<string, StationConfig>;
  readonly repeats: Repeats;
  readonly clock: Clock;
  onFault(error: unknown): void;
}) {
  return async (link: Link, incoming: Incoming): Promise<void> => {
    const station = ports.byLink.get(link.id);
    if (station === undefined) return incoming.refuse('STATION UNKNOWN');
    const at = nowOf(ports.clock);
    try {
      await ports.repeats.take(station, {
        payload: incoming.payload,
        at,
        linkId: link.id,
        ...endsOf(link.peer),
        newline: link.newline,
        exchangeId: incoming.exchangeId,
        duplicate: incoming.duplicate,
      });
    } catch (error) {
      ports.onFault(error);
      incoming.refuse('NOT STORED - SEND AGAIN');
      return;
    }
    incoming.acknowledge();
  };
}

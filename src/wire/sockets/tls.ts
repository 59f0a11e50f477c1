/** TLS for every door and upstream: version 1.3, AES-256-GCM, nothing else (DESIGN.md; policy.md SC-8, SC-13). */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { HitlineError } from '../../faults/fault.ts';
import type { Peer } from '../link.ts';

/** PEM texts, not file names: whoever reads files decides when. */
export interface TlsSettings {
  readonly certificate?: string;
  readonly key?: string;
  /** Certificates of the authorities whose peers are let in. On a door this makes a client certificate compulsory. */
  readonly authority?: string;
  /** The name the server's certificate must bear, when it is not the host that is dialled. */
  readonly serverName?: string;
}

const protocol = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_256_GCM_SHA384',
} as const;

/** The options node:tls takes for these settings; throws TLS_SETTINGS when a certificate or key cannot be read. */
export function tlsContext(settings: TlsSettings): SecureContext {
  try {
    return createSecureContext({
      ...protocol,
      ...(settings.certificate === undefined ? {} : { cert: settings.certificate }),
      ...(settings.key === undefined ? {} : { key: settings.key }),
      ...(settings.authority === undefined ? {} : { ca: settings.authority }),
    });
  } catch (cause) {
    throw new HitlineError('TLS_SETTINGS', { cause });
  }
}

/** The same settings for a server, which `setSecureContext` also takes when certificates are reloaded. */
export function tlsServerOptions(settings: TlsSettings) {
  tlsContext(settings);
  return {
    ...protocol,
    // Every connection shows its certificate anew: none comes in by a ticket from before the authority was changed.
    secureOptions: constants.SSL_OP_NO_TICKET,
    cert: settings.certificate,
    key: settings.key,
    ca: settings.authority,
    requestCert: settings.authority !== undefined,
    rejectUnauthorized: settings.authority !== undefined,
  };
}

/** True for addresses and names that stay on this machine. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|::1|localhost|::ffff:127(\.\d{1,3}){3})$/.test(host);
}

/** Without TLS nothing leaves this machine, unless the link runs inside a VPN. Throws TLS_REQUIRED. */
export function requireTlsOrLoopback(
  host: string,
  options: { readonly tls?: TlsSettings | undefined; readonly insideVpn?: boolean | undefined },
): void {
  if (options.tls !== undefined || options.insideVpn === true || isLoopback(host)) return;
  throw new HitlineError('TLS_REQUIRED');
}

/** SHA-256 of the certificate an authorised peer showed, in lower-case hex. */
export function peerFingerprint(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  const fingerprint = socket.getPeerCertificate().fingerprint256;
  return fingerprint?.replaceAll(':', '').toLowerCase();
}

/** How the far end is known, and which end of ours it came to. */
export function peerOf(
  socket: Partial<Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>>,
  certificateSha256?: string,
): Peer {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');
  return {
    address: plain(remoteAddress),
    port: remotePort ?? 0,
    ...(localAddress === undefined ? {} : { localAddress: `${plain(localAddress)}:${localPort ?? 0}` }),
    ...(certificateSha256 === undefined ? {} : { certificateSha256 }),
  };
}

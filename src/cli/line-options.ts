/** The options of the commands that call on somebody's door: where, by which profile, and how it is protected. */
import type { Command } from 'commander';
import type { BareClientOptions } from '../wire/conform/bare-client.ts';
import type { WireProfile } from '../wire/profile.ts';
import type { TlsSettings } from '../wire/sockets/tls.ts';
import { readAddress } from './address.ts';
import { type Call, UsageError } from './command.ts';

export function declareLineOptions(command: Command): void {
  command
    .requiredOption('--connect <host:port>', 'the door or switch to call')
    .option('--tls-authority <file>', 'speak TLS, and trust what this authority signed (PEM)');
  declareCertificateOptions(command);
  command
    .option('--inside-vpn', 'the way there is a VPN: without TLS it may be more than loopback')
    .option('--answer-ms <milliseconds>', 'how long an answer may take; 10000 when not given');
}

/** The certificate of this end, whichever end it is. */
export function declareCertificateOptions(command: Command): void {
  command
    .option('--tls-certificate <file>', 'the certificate to show (PEM)')
    .option('--tls-key <file>', 'its key (PEM)');
}

export interface LineOptions extends BareClientOptions {
  readonly answerMs: number;
}

/** Reads them for a line of this profile; throws UsageError, TLS_REQUIRED, or FILE_UNREADABLE for a certificate. */
export async function readLineOptions(call: Call, profile: WireProfile): Promise<LineOptions> {
  const { options } = call;
  const address = readAddress('--connect', String(options['connect']));
  const [{ systemClock }, { requireTlsOrLoopback }] = await Promise.all([
    import('../host/clock.ts'),
    import('../wire/sockets/tls.ts'),
  ]);
  const answerMs = Number(options['answerMs'] ?? 10_000);
  if (!Number.isInteger(answerMs) || answerMs < 1 || answerMs > 3_600_000) {
    throw new UsageError('--answer-ms is a whole number of milliseconds, at most an hour');
  }
  const tls = await readTls(call);
  requireTlsOrLoopback(address.host, { tls, insideVpn: options['insideVpn'] === true });
  return {
    ...address,
    profile,
    clock: systemClock,
    answerMs,
    insideVpn: options['insideVpn'] === true,
    ...(tls === undefined ? {} : { tls }),
  };
}

async function readPem({ options, streams }: Call, name: string): Promise<string | undefined> {
  const { readInput } = await import('./streams.ts');
  const file = options[name];
  return typeof file === 'string' ? (await readInput(streams, file)).toString('utf8') : undefined;
}

/** TLS of a program that listens: nothing without a certificate, and with an authority only clients that it signed. */
export async function readDoorTls(call: Call): Promise<TlsSettings | undefined> {
  const certificate = await readPem(call, 'tlsCertificate');
  const key = await readPem(call, 'tlsKey');
  const authority = await readPem(call, 'tlsAuthority');
  if (certificate === undefined && key === undefined && authority === undefined) return undefined;
  if (certificate === undefined || key === undefined) throw new UsageError('TLS needs --tls-certificate and --tls-key');
  return { certificate, key, ...(authority === undefined ? {} : { authority }) };
}

async function readTls(call: Call): Promise<TlsSettings | undefined> {
  const authority = await readPem(call, 'tlsAuthority');
  const certificate = await readPem(call, 'tlsCertificate');
  const key = await readPem(call, 'tlsKey');
  if (authority === undefined) {
    if (certificate !== undefined || key !== undefined) throw new UsageError('a certificate needs --tls-authority too');
    return undefined;
  }
  return {
    authority,
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

/**
 * How a database is dialed, from its address alone. The driver would fill what an address leaves out from the environment
 * (PGPASSWORD, PGSSLMODE, PGOPTIONS, a file of passwords); here nothing is left out, so that what the configuration says is
 * all that counts. The names in the address's query are those of PostgreSQL's own tools, which take the same address.
 */
import type { SecureContext } from 'node:tls';
import type pg from 'pg';
import { type FaultCode, HitlineError } from '../../../faults/fault.ts';
import { tlsContext } from '../../../wire/sockets/tls.ts';
import { readTls, type TlsFiles } from '../../doors/tls-files.ts';

/** Names of PEM files; the certificate of ours only where the server asks for one. */
export interface DatabaseTls {
  readonly caFile: string;
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

const portDefault = 5_432;
/** What has said nothing for so long is asked whether it is still there; ten times, a second apart. */
const keepAliveInitialDelayMillis = 10_000;

/** The address, with what TLS asks for: a server of this authority that bears the name that is dialed. */
export function withTls(address: URL, tls: DatabaseTls): void {
  const { searchParams } = address;
  searchParams.set('sslmode', 'verify-full');
  searchParams.set('sslrootcert', tls.caFile);
  if (tls.certificateFile !== undefined) searchParams.set('sslcert', tls.certificateFile);
  if (tls.keyFile !== undefined) searchParams.set('sslkey', tls.keyFile);
}

/** Everything the driver is told of an address. Fault: TLS_SETTINGS, when a file of the address cannot be read or used. */
export function dialing(url: string): pg.ClientConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const caFile = searchParams.get('sslrootcert');
  const certificateFile = searchParams.get('sslcert') ?? undefined;
  const keyFile = searchParams.get('sslkey') ?? undefined;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? portDefault : Number(port),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    // Asked for once the server wants it, which over TLS it can only say once it is known to be the right one.
    password() {
      if (password !== '') return decodeURIComponent(password);
      throw new HitlineError('DATABASE_REFUSED', {
        detail: 'It asks for a password: see ledger.postgres.passwordFile.',
      });
    },
    ssl: caFile === null ? false : verifiedTls({ caFile, certificateFile, keyFile }),
    sslnegotiation: 'postgres',
    keepAlive: true,
    keepAliveInitialDelayMillis,
  };
}

/**
 * TLS as on every other line of the house, with the server's certificate proved. Files that were renewed are those of the
 * next connection; half a renewal, such as a certificate whose key is not written yet, leaves those before in use.
 */
function verifiedTls(files: TlsFiles) {
  let inUse = contextOf(files);
  return {
    rejectUnauthorized: true,
    get secureContext(): SecureContext {
      try {
        inUse = contextOf(files);
      } catch (error) {
        if (!(error instanceof HitlineError)) throw error;
      }
      return inUse;
    },
  };
}

function contextOf(files: TlsFiles): SecureContext {
  try {
    return tlsContext(readTls(files));
  } catch (cause) {
    throw new HitlineError('TLS_SETTINGS', { detail: 'See ledger.postgres.', cause });
  }
}

/** Why a database could not be dialed or did not do what it was told. */
export interface DatabaseTrouble {
  readonly code: Extract<FaultCode, 'DATABASE_UNTRUSTED' | 'DATABASE_REFUSED' | 'LEDGER_FAILED'>;
  /** A sentence that holds nothing of what was sent, asked or answered. */
  readonly detail: string;
  /** A code for the log. */
  readonly reason: string;
}

const otherAuthority = 'Its certificate is not of the authority in ledger.postgres.caFile.';
const otherTls = 'It does not speak TLS 1.3 with AES-256-GCM.';
const ourCertificate = 'It does not take our certificate, or asks for one: see ledger.postgres.certificateFile.';

/** What the line itself says, by the driver's or the machine's code. */
const untrusted: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  CERT_NOT_YET_VALID: 'Its certificate is not valid yet.',
  CERT_REVOKED: 'Its certificate was revoked.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate bears another name than the host in ledger.postgres.url.',
  SELF_SIGNED_CERT_IN_CHAIN: otherAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: otherAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherAuthority,
  CERT_SIGNATURE_FAILURE: otherAuthority,
  CERT_UNTRUSTED: otherAuthority,
  INVALID_CA: otherAuthority,
  INVALID_PURPOSE: 'Its certificate is not one for servers.',
  EPROTO: otherTls,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: otherTls,
  ERR_SSL_UNSUPPORTED_PROTOCOL: otherTls,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: otherTls,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ourCertificate,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ourCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: ourCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ourCertificate,
};

/** Failures of the driver that have no code. Its words are constants; others could quote what passed. */
const withoutTls = 'The server does not support SSL connections';

/** What the server says when it lets nobody in (SQLSTATE). */
const refused: Readonly<Record<string, string>> = {
  '28000': 'It takes nobody of this name from here, or not without TLS or a certificate.',
  '28P01': 'The user or the password is not right.',
  '3D000': 'It has no database of this name.',
  '42501': 'The user may not do this in it.',
  '53300': 'It has as many connections as it takes.',
};

/** Troubles that come and go (SQLSTATE). */
const passing: Readonly<Record<string, string>> = {
  '25006': 'The database is read-only.',
  '53100': 'The disk of the database is full.',
  '57P01': 'The server is ending.',
  '57P03': 'The server is starting or ending.',
};

/** Names a trouble. Sentences of the server are never repeated: they may quote what was written. */
export function troubleOf(error: unknown): DatabaseTrouble {
  if (error instanceof HitlineError) return { code: 'LEDGER_FAILED', detail: error.message, reason: error.code };
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (message === withoutTls) {
    return { code: 'DATABASE_UNTRUSTED', detail: 'It has no TLS.', reason: 'SERVER_WITHOUT_TLS' };
  }
  if (typeof code !== 'string') {
    return { code: 'LEDGER_FAILED', detail: 'The connection to PostgreSQL is lost.', reason: 'DATABASE_AWAY' };
  }
  const doubt = untrusted[code];
  if (doubt !== undefined) return { code: 'DATABASE_UNTRUSTED', detail: doubt, reason: code };
  const isState = /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
  const reason = isState ? `SQLSTATE_${code}` : /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'DATABASE_AWAY';
  const refusal = refused[code];
  if (refusal !== undefined) return { code: 'DATABASE_REFUSED', detail: refusal, reason };
  const said = isState ? `PostgreSQL says ${code}.` : 'The database does not answer.';
  return { code: 'LEDGER_FAILED', detail: passing[code] ?? said, reason };
}

/** The error to throw for a database that could not be opened or asked. */
export function databaseError(cause: unknown): HitlineError {
  if (cause instanceof HitlineError) return cause;
  const { code, detail } = troubleOf(cause);
  return new HitlineError(code, { detail, cause });
}

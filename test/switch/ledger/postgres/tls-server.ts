/** TLS for a cluster of the tests' own, and who may come in to it, set anew by a restart. */
import { chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../../../wire/certificates.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';

export interface ServedAs {
  /** What the server shows; none: it has no TLS. */
  readonly identity?: Identity;
  /** The authority whose certificates clients must show. */
  readonly clientAuthority?: string;
  readonly protocolMax?: 'TLSv1.2';
}

/** Lets the cluster begin again with this. Over TLS it asks for a password; its own socket and a plain line are trusted. */
export function serve(cluster: PostgresCluster, { identity, clientAuthority, protocolMax }: ServedAs): void {
  const { uid, gid } = statSync(cluster.dataFolder);
  const put = (name: string, text: string): void => {
    const file = join(cluster.dataFolder, name);
    writeFileSync(file, text, { mode: 0o600 });
    chownSync(file, uid, gid);
  };
  const settings = [`ssl = ${identity === undefined ? 'off' : 'on'}`];
  if (identity !== undefined) {
    put('server.crt', identity.certificate);
    put('server.key', identity.key);
  }
  if (clientAuthority !== undefined) {
    put('root.crt', clientAuthority);
    settings.push("ssl_ca_file = 'root.crt'");
  }
  if (protocolMax !== undefined) settings.push(`ssl_max_protocol_version = '${protocolMax}'`);
  const asked = clientAuthority === undefined ? '' : ' clientcert=verify-ca';
  put('postgresql.auto.conf', `${settings.join('\n')}\n`);
  put(
    'pg_hba.conf',
    [
      'local all all trust',
      `hostssl all all all scram-sha-256${asked}`,
      'hostnossl all all 127.0.0.1/32 trust',
      '',
    ].join('\n'),
  );
  cluster.stop();
  cluster.start();
}

import { dirname, resolve } from 'node:path';
import type { StateProfile } from '../formats/states/state-profile.ts';
import { settingTable } from '../host/config-docs.ts';
import { type ConfigFault, type ConfigRead, checkShape, readYamlFile } from '../host/config-file.ts';
import { checkFiles } from './config/config-files.ts';
import { checkRules } from './config/config-rules.ts';
import { type ConfigInput, configSchema, type ParsedConfig } from './config/config-schema.ts';
import { readProfileSetting } from './config/state-profile-file.ts';

export type { ConfigFault, ConfigInput };

/** The gateway's configuration: every default filled in, every path absolute, every rule held, the State's profile read. */
export type Config = Omit<ParsedConfig, 'redis'> & {
  readonly stateProfile?: StateProfile;
  readonly redis: Omit<ParsedConfig['redis'], 'prefix'> & { readonly prefix: string };
};
export type StationConfig = Config['doors']['station']['stations'][number];
export type ConsoleConfig = Config['consoles'][number];

/**
 * Reads the configuration file; every mistake at once, each with the setting's path. Nothing is opened but the file, and that
 * of the State's profile; `withFiles`, as a start needs them, looks at every file and folder that it names too.
 */
export function readConfig(file: string, options: { readonly withFiles?: boolean } = {}): ConfigRead<Config> {
  const read = readYamlFile(file);
  if (!read.ok) return read;
  const folder = dirname(resolve(file));
  return checkConfig(read.config, folder, options.withFiles === true ? checkFiles(read.config, folder) : []);
}

/** The same for data in hand; paths in it are relative to `folder`. `found` is what is wrong beside the data itself. */
export function checkConfig(data: unknown, folder: string, found: readonly ConfigFault[] = []): ConfigRead<Config> {
  const shape = checkShape(configSchema, data);
  const { profile, faults: unread } = readProfileSetting(data, folder);
  const broken = [...checkRules(data, folder), ...unread, ...found];
  if (shape.ok && broken.length === 0) {
    const config = complete(shape.config, folder);
    return { ok: true, config: profile === undefined ? config : { ...config, stateProfile: profile } };
  }
  const faults = [...(shape.ok ? [] : shape.faults), ...broken];
  return { ok: false, faults: faults.toSorted((a, b) => order(a.path) - order(b.path)) };
}

/** docs/config.md, made from the schema. */
export function configDocs(): string {
  return `# Configuration of the gateway

<!-- Made from src/switch/config/config-schema.ts by \`npm run docs\`; edit there. -->

\`hitline gateway --config FILE\` reads one YAML file. A wrong file stops the start, and every mistake is named by the path
of its setting. Times are in milliseconds, and so say their names. Paths are relative to the folder of the file. ORIs are
upper case.

A live system (\`practice: false\`) refuses everything that belongs to practice: the ORIs CO099…, WY099… and DC099…, accounts
whose OSN begins with PRAC, the key of a practice system, the Redis prefix \`hitline-practice\`. A practice system connects
only to a simulated switch on loopback.

${settingTable(configSchema)}
`;
}

function complete(config: ParsedConfig, folder: string): Config {
  const from = (path: string): string => resolve(folder, path);
  const { station, console: consoleDoor } = config.doors;
  const { postgres } = config.ledger;
  return {
    ...config,
    dataFolder: from(config.dataFolder),
    keys: mapPaths(config.keys, from),
    ledger: {
      ...mapPaths(config.ledger, from),
      ...(postgres === undefined ? {} : { postgres: mapPaths(postgres, from) }),
    },
    doors: {
      station: {
        ...mapPaths(station, from),
        ...(station.tls === undefined ? {} : { tls: mapPaths(station.tls, from) }),
      },
      console: { ...consoleDoor, ...(consoleDoor.tls === undefined ? {} : { tls: mapPaths(consoleDoor.tls, from) }) },
    },
    upstream: {
      ...mapPaths(config.upstream, from),
      ...(config.upstream.tls === undefined ? {} : { tls: mapPaths(config.upstream.tls, from) }),
    },
    redis: { ...config.redis, prefix: config.redis.prefix ?? (config.practice ? 'hitline-practice' : 'hitline') },
    ...(config.sourcesFolder === undefined ? {} : { sourcesFolder: from(config.sourcesFolder) }),
    log: mapPaths(config.log, from),
  };
}

/** Makes every setting whose name is `file` or ends with `File` absolute. */
function mapPaths<T extends object>(section: T, from: (path: string) => string): T {
  const entries = Object.entries(section).map(([name, value]) =>
    /^file$|File$/.test(name) && typeof value === 'string' ? [name, from(value)] : [name, value],
  );
  return Object.fromEntries(entries) as T;
}

/** Where a top-level setting stands in the schema, so that faults come in the order of the documentation. */
function order(path: string): number {
  const name = path.split(/[.[]/, 1)[0] ?? '';
  const place = Object.keys(configSchema.shape).indexOf(name);
  return place < 0 ? Number.MAX_SAFE_INTEGER : place;
}

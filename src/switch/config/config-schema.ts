/** Every setting of the gateway: one zod schema, a description on each, from which docs/config.md is made. */
import { z } from 'zod';
import { roleName } from '../../console/contract.ts';
import { retentionTable } from '../ledger/keeping/retention.ts';
import { reserveBytes } from '../ledger/keeping/space.ts';
import { hostText, ipText } from './address-text.ts';
import { blockKeyFile, linkFigures, profileName, quirks, textCoding } from './line-schema.ts';
import { timeZoneName } from './time-zone.ts';

const pathName = z.string().min(1).max(1_000);
const idName = z.string().regex(/^[A-Za-z0-9_-]{1,20}$/, 'An id is 1 to 20 letters, digits, hyphens or underscores.');
const oriText = z.string().regex(/^[A-Z0-9]{9}$/, 'An ORI is nine upper-case letters and digits.');
const stateCode = z.string().regex(/^[A-Z]{2}$/, 'A State is two upper-case letters.');
const terminalText = z.string().regex(/^[A-Z0-9]{1,10}$/, 'A terminal id is 1 to 10 upper-case letters and digits.');
const keyText = z.string().regex(/^[A-Z0-9.]{1,8}$/, 'A message key is 1 to 8 upper-case letters, digits or periods.');
const digestText = z.string().regex(/^[0-9a-f]{64}$/, 'A SHA-256 is 64 lower-case hexadecimal digits, without colons.');
const osnText = z.string().regex(/^[A-Za-z0-9]{1,20}$/, 'An OSN is 1 to 20 letters and digits.');
const printable = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\x20-\x7e\u00a0-\u{10ffff}]*$/u, 'Control characters have no place here.');
const doorPort = z.int().min(0).max(65_535).describe('TCP port to listen on; 0 takes any free one, in practice only.');
const clockMs = (defaultMs: number) => z.int().min(100).max(3_600_000).default(defaultMs);

const agency = z
  .strictObject({
    name: printable(60).describe('The name screens show.'),
    ori: oriText.describe('The ORI messages leave under.'),
    controlTerminalOri: oriText.describe('ORI of the State control terminal, which gets copies of second requests.'),
    state: stateCode.describe('Two-letter code of the State.'),
    timeZone: timeZoneName.optional(),
    stateProfile: pathName
      .optional()
      .describe(
        "The State's or agency's own keys, fields, codes and wording: `colorado` or `minnesota`, which come with hitline, or a JSON file. Without it no recalled wording is ever NO RECORD.",
      ),
  })
  .describe('The agency the gateway serves.');

const keys = z
  .strictObject({
    file: pathName
      .optional()
      .describe(
        'File with the 32-byte master key: mode 0600, outside the data folder. Left out, the systemd credential `hitline-master-key` is read.',
      ),
  })
  .describe('Where the key is that the texts on file are encrypted under.');

const consoles = z
  .array(
    z.strictObject({
      id: idName.describe('Name of the console, such as COJ1; one live session each.'),
      coj: z.boolean().default(false).describe('True for the one console designated to send.'),
      terminalId: terminalText
        .optional()
        .describe("The terminal id its inquiries leave under; the upstream's unless given."),
      address: ipText.optional().describe('IP address it connects from; any unless given.'),
      certificateSha256: digestText
        .optional()
        .describe('SHA-256 of its certificate; any that the authority signed unless given.'),
    }),
  )
  .min(1)
  .max(100)
  .describe('The screens that may connect. Exactly one is the COJ.');

const doorTls = z
  .strictObject({
    certificateFile: pathName.describe('PEM file with the certificate and its chain.'),
    keyFile: pathName.describe('PEM file with its private key.'),
    caFile: pathName
      .optional()
      .describe('PEM file with the authority that signs the certificates of those who connect.'),
  })
  .describe(
    'TLS 1.3 with AES-256-GCM. Left out, the door binds to loopback only. The files are read again when they change (looked at each minute) and on SIGUSR2; links that are open stay.',
  );

const upstreamTls = z
  .strictObject({
    caFile: pathName.describe("PEM file with the authority that signs the switch's certificate."),
    serverName: hostText.optional().describe("Name the switch's certificate bears; the host unless given."),
    certificateFile: pathName.optional().describe('PEM file with our certificate, when the switch asks for one.'),
    keyFile: pathName.optional().describe('PEM file with its private key.'),
  })
  .describe('TLS 1.3 with AES-256-GCM. The files are read again as those of the doors.');

const insideVpn = z
  .boolean()
  .default(false)
  .describe('True when the line runs inside a VPN of the agency or State, which alone allows it without TLS.');

const station = z.strictObject({
  id: idName.describe('Name of the station in the ledger and on screens.'),
  name: printable(60).describe('The name screens show.'),
  address: ipText.optional().describe('IP address it connects from.'),
  certificateSha256: digestText.optional().describe('SHA-256 of its certificate, instead of or beside the address.'),
  oris: z.array(oriText).min(1).max(200).describe('The ORIs it may use.'),
  terminalIds: z.array(terminalText).min(1).max(200).describe('The terminal ids it may use.'),
  keys: z.array(keyText).max(500).optional().describe('The message keys it may send; every known one unless given.'),
});

const stationDoor = z
  .strictObject({
    host: hostText.default('127.0.0.1').describe('Address to listen on.'),
    port: doorPort,
    profile: profileName.default('foxtalk-1').describe('How frames are made and acknowledged.'),
    quirks,
    blockKeyFile,
    link: linkFigures,
    text: textCoding,
    tls: doorTls.optional(),
    insideVpn,
    linksMax: z.int().min(1).max(5_000).default(256).describe('Connections at one time.'),
    linksPerStationMax: z.int().min(1).max(5_000).default(32).describe('Connections of one station at one time.'),
    stations: z.array(station).max(1_000).default([]).describe('Who may come in.'),
  })
  .describe('Where dispatch centers and programs connect.');

const consoleDoor = z
  .strictObject({
    host: hostText.default('127.0.0.1').describe('Address to listen on.'),
    port: doorPort,
    tls: doorTls.optional(),
    idleLogoffMs: z
      .int()
      .min(100)
      .max(1_800_000)
      .default(1_800_000)
      .describe('A person who does nothing for this long is logged off (CJIS IA-5, AC-11: 30 minutes at most).'),
    sessionMsMax: z
      .int()
      .min(1_000)
      .max(43_200_000)
      .default(43_200_000)
      .describe('A log-on lasts no longer than this (CJIS IA-11: 12 hours at most).'),
    origins: z
      .array(
        z.string().regex(/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/, 'An origin is https://host or https://host:port.'),
      )
      .max(20)
      .default([])
      .describe('Web pages allowed to connect, by origin; none unless given.'),
  })
  .describe('Where screens connect.');

const doors = z.strictObject({ station: stationDoor, console: consoleDoor }).describe('Where others come in.');

const upstream = z
  .strictObject({
    host: hostText,
    port: z.int().min(1).max(65_535).describe('TCP port.'),
    profile: profileName.default('foxtalk-1').describe('How frames are made and acknowledged.'),
    quirks,
    blockKeyFile,
    link: linkFigures,
    text: textCoding,
    tls: upstreamTls.optional(),
    insideVpn,
    terminalId: terminalText.describe('Our terminal id at the switch, which is that of the COJ.'),
    reconnectMs: z
      .int()
      .min(50)
      .max(600_000)
      .default(30_000)
      .describe('Milliseconds between two attempts to connect: 30,000 or more, except in practice.'),
  })
  .describe("The line to the State's message switch.");

const redis = z
  .strictObject({
    mode: z
      .enum(['auto', 'url', 'private', 'none'])
      .default('auto')
      .describe(
        'auto: the URL if given, else a private server found on PATH, else the scheduler in process. The others insist on one.',
      ),
    url: z
      .string()
      .max(500)
      .regex(/^(rediss?:\/\/|unix:\/\/?)\S+$/, 'A Redis URL begins with redis://, rediss:// or unix:/.')
      .optional()
      .describe('An existing Redis or Valkey.'),
    prefix: z
      .string()
      .regex(/^[a-z0-9-]{1,60}$/, 'A prefix is 1 to 60 lower-case letters, digits or hyphens.')
      .optional()
      .describe('Begins every name in Redis: `hitline` unless given, `hitline-practice` in practice.'),
  })
  .prefault({})
  .describe('Where queues and clocks are kept. Losing it loses nothing.');

const clocks = z
  .strictObject({
    confirmUrgentMs: clockMs(600_000).describe('Answer to an urgent YQ: 10 minutes (NCIC); shorter in practice only.'),
    confirmRoutineMs: clockMs(3_600_000).describe('Answer to a routine YQ: 1 hour (NCIC); shorter in practice only.'),
    approvalUrgentMs: clockMs(120_000).describe(
      'Approval of an urgent message before it escalates; 2 minutes at most.',
    ),
    approvalRoutineMs: clockMs(600_000).describe('Approval of any other before it escalates; 10 minutes at most.'),
    releaseLimitConfirmMs: clockMs(300_000).describe(
      'A released YQ or YR that has not left by then is held again; 5 minutes at most.',
    ),
    releaseLimitRecordMs: clockMs(3_600_000).describe(
      'Any other released message that has not left by then is held again; 1 hour at most.',
    ),
    answerWaitMs: clockMs(60_000).describe('How long an inquiry waits for every source before the screen says so.'),
    inquiryExpiryMs: clockMs(300_000).describe('An inquiry that has not left by then expires, and who asked is told.'),
    followUpMs: clockMs(3_600_000).describe(
      'How often an open case whose clock has stopped asks to be acted on or closed.',
    ),
    holdExpiryMs: z
      .int()
      .min(100)
      .max(604_800_000)
      .default(86_400_000)
      .describe('A held message of no open case expires after this; what belongs to an open case never does.'),
    shortenedNotice: printable(120)
      .optional()
      .describe(
        'The sentence every console shows while a clock is shorter than the trade sets it. Needed exactly then.',
      ),
  })
  .prefault({})
  .describe('How long things may take, in milliseconds.');

const confirmation = z
  .strictObject({
    controlTerminals: z
      .record(stateCode, oriText)
      .default({})
      .describe('State code to the ORI of its control terminal. A State not listed is drafted with the gap shown.'),
    ncicQualityControlOri: oriText.optional().describe('ORI of NCIC Quality Control, for the message after request 3.'),
  })
  .prefault({})
  .describe('Who gets copies of second and third requests. State data.');

const people = z
  .strictObject({
    initial: z
      .array(
        z.strictObject({
          osn: osnText.describe('Operator security number. Practice accounts, and only they, begin with PRAC.'),
          name: printable(60).describe('The name screens show.'),
          roles: z.array(roleName).min(1).max(4).describe('What the person may do.'),
          passwordHash: z
            .string()
            .max(300)
            .describe('Hash of the first password as a PHC string; never the password itself.'),
        }),
      )
      .max(500)
      .default([])
      .describe(
        'Accounts made at the start when the ledger does not have them; later changes are made in the ledger. In practice their passwords are set anew at each start.',
      ),
    failedLogonsMax: z
      .int()
      .min(1)
      .max(5)
      .default(5)
      .describe('Wrong passwords in a row, at one console, that lock the account there (CJIS AC-7: 5 at most).'),
    failedLogonWindowMs: z
      .int()
      .min(900_000)
      .max(86_400_000)
      .default(900_000)
      .describe('Failures further apart than this do not add up (CJIS AC-7: 15 minutes at least).'),
    lockMs: z
      .int()
      .min(100)
      .optional()
      .describe('Practice only: a lock ends by itself after this. In a live system a custodian ends it (CJIS AC-7b).'),
  })
  .prefault({})
  .describe('Accounts and log-on.');

const log = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The least important line that is kept.'),
    file: pathName.optional().describe('File the log goes to; standard error unless given.'),
  })
  .prefault({})
  .describe('The log holds ids, codes and counts only.');

/** One class of record: an agency's schedule may keep it longer than the default, or shorter down to what the rule asks for. */
const daysOf = (row: (typeof retentionTable)[number]) => {
  const daysMin = row.daysMin ?? 1;
  return z
    .int()
    .min(daysMin, `At least ${daysMin} days (${row.source}).`)
    .max(36_600)
    .default(row.days ?? daysMin)
    .describe(`${row.what}, in days (${row.source}).`);
};
const endingClasses = retentionTable.filter((row) => row.daysMin !== undefined);
const retentionDays = z
  .strictObject(
    Object.fromEntries(endingClasses.map((row) => [row.stream, daysOf(row)])) as Record<
      string,
      ReturnType<typeof daysOf>
    >,
  )
  .prefault({})
  .describe('How long each class of record is kept before `ledger purge` may destroy its texts. All others: for ever.');

const ledgerPostgres = z
  .strictObject({
    url: z
      .string()
      .max(500)
      .regex(
        /^postgres(?:ql)?:\/\/[A-Za-z0-9_-]{1,63}@(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,39}\])(?::\d{1,5})?\/[A-Za-z0-9_-]{1,63}$/,
        'The address of a database is postgres://user@host:port/database, without a password.',
      )
      .describe('The database, as `postgres://user@host:port/database`; the tables are made at the first start.'),
    passwordFile: pathName
      .optional()
      .describe(
        'File with the password: one line, mode 0600, outside the data folder. Left out, the systemd credential `hitline-ledger-password` is read, if there is one.',
      ),
    caFile: pathName
      .optional()
      .describe(
        "PEM file with the authority that signs the server's certificate. With it nothing is told to a server without TLS 1.3, of another authority, or whose certificate bears another name than the host. Needed unless the server is on loopback. The PEM files are read again at each new connection.",
      ),
    certificateFile: pathName
      .optional()
      .describe('PEM file with our certificate and its chain, when the server asks for one.'),
    keyFile: pathName.optional().describe('PEM file with its private key.'),
    bytesMax: z
      .int()
      .min(reserveBytes)
      .optional()
      .describe(
        'How many bytes the database may take, as the keepers of its server allow: a disk of the server cannot be seen from here. When only 256 MiB of them are left, new outbound work is refused but YQ, YR and messages of open cases. Left out, only a disk that is full is noticed.',
      ),
  })
  .describe(
    'Keeps the ledger in a PostgreSQL database instead of the data folder. Its disk and standby are those of the server; the ledger commands work on it as on a folder.',
  );

const ledger = z
  .strictObject({
    postgres: ledgerPostgres.optional(),
    secondPlaceFile: pathName
      .optional()
      .describe(
        'The second place: the file to which the ends of the chains go each minute, and within a second to files beside it that begin with its name. Outside the data folder; on another machine, whoever changes the ledger does not reach it. Left out, it is beside the data folder and has its name with `.heads` added. The ledger commands hold the ledger against it too.',
      ),
    sealKeyFile: pathName
      .optional()
      .describe(
        'File with the Ed25519 private key (PEM, mode 0600, outside the data folder) that daily seals and export packets are signed with.',
      ),
    purge: z
      .boolean()
      .default(false)
      .describe('False: nothing is ever destroyed. True: two people may purge what `retentionDays` no longer keeps.'),
    retentionDays,
  })
  .prefault({})
  .describe('The file of everything.');

/** The gateway's whole configuration. */
export const configSchema = z.strictObject({
  practice: z.boolean().describe('True for the practice system, false for a live one. Always said, never assumed.'),
  practiceNotice: printable(120)
    .optional()
    .describe('The sentence every console of a practice system shows. Needed in practice, refused otherwise.'),
  agency,
  dataFolder: pathName.describe('Folder of the ledger, mode 0700. Paths are relative to this file.'),
  keys: keys.prefault({}),
  ledger,
  consoles,
  doors,
  upstream,
  redis,
  clocks,
  confirmation,
  people,
  sourcesFolder: pathName.optional().describe('Folder of source documents: one text file per NIC, named `<NIC>.txt`.'),
  fips: z.boolean().default(false).describe('True: only FIPS services; passwords by PBKDF2 instead of argon2id.'),
  log,
});

/** What stands in the file and what the schema makes of it: defaults filled in. */
export type ConfigInput = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;

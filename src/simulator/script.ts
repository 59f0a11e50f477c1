/** The script of a simulated switch: one YAML file, one schema, every mistake named by its path. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { HitlineError } from '../faults/fault.ts';
import { canonicalAddress } from '../wire/sockets/address.ts';

const dayMs = 86_400_000;
const ori = z.string().regex(/^[A-Z]{2}[A-Z0-9]{7}$/, 'an ORI has nine characters');
const key = z.string().regex(/^[A-Z][A-Z0-9-]{1,5}$/, 'a message key has two to six characters');
const nic = z.string().regex(/^[A-Z][0-9]{9}$/, 'a NIC is a letter and nine digits');
const delayMs = z.number().int().min(0).max(dayMs);
const count = z.number().int().min(1);
const text = z.string().max(15_000);
const fields = z.record(z.string().regex(/^[A-Z]{3}$/), z.string().max(500));

/**
 * What a scripted agency or State may say. `look-up` answers from the registers; the last four are the network's words
 * instead of the agency's.
 */
const saying = z.enum([
  'look-up',
  'confirm',
  'deny',
  'time-named',
  'in-process',
  'extradition-open',
  'free-text',
  'wrong-subject',
  'no-control',
  'late',
  'duplicate',
  'error-22',
  'status-01',
  'status-02',
  'status-04',
]);
export type Saying = z.infer<typeof saying>;

const agencyReply = z.strictObject({
  say: saying,
  afterMs: delayMs.optional(),
  /** Whether the control field of the question is echoed, left out, or one that nobody asked under. */
  control: z.enum(['echo', 'none', 'other']).optional(),
  copies: count.max(10).optional(),
  /** Hours to confirm, for `time-named`. */
  hours: z.number().int().min(1).max(99).default(2),
  remark: text.optional(),
  /** The whole body, for `free-text`. */
  body: text.optional(),
});
export type AgencyReply = z.infer<typeof agencyReply>;

/** Which messages a rule is about; every condition that is given must hold. `nth` counts the messages that match the rest. */
const matcher = z.strictObject({
  key: key.optional(),
  from: ori.optional(),
  to: ori.optional(),
  nic: nic.optional(),
  requestNumber: z.enum(['1', '2', '3']).optional(),
  nth: count.optional(),
});
export type Matcher = z.infer<typeof matcher>;

const agency = z.strictObject({
  ori,
  name: z.string().min(1).max(60),
  /** Ten digits, as in PHO. */
  phone: z.string().regex(/^[0-9]{10}$/),
  clerk: z.string().min(1).max(30).default('CLERK PRACTICE'),
  /** The first rule that matches speaks; no rule, or no replies in it, is silence. */
  rules: z.array(z.strictObject({ when: matcher.optional(), replies: z.array(agencyReply).max(10) })).default([]),
});
export type Agency = z.infer<typeof agency>;

const stateScript = z.strictObject({
  /** The two-character code that RQ and DQ are addressed to. */
  code: z.string().regex(/^[A-Z]{2}$/),
  /** As for an agency; no rule that matches, or no script for the State, means `look-up` at once. */
  rules: z
    .array(
      z.strictObject({
        when: matcher.optional(),
        replies: z
          .array(
            agencyReply.extend({
              say: z.enum(['look-up', 'free-text', 'error-22', 'status-01', 'status-02', 'status-04']),
            }),
          )
          .max(10),
      }),
    )
    .default([]),
});

const answerChange = z.strictObject({
  when: matcher,
  missing: z.enum(['state', 'federal', 'both']).optional(),
  order: z.enum(['state-first', 'federal-first']).optional(),
  copies: count.max(10).optional(),
  lateMs: delayMs.optional(),
  control: z.enum(['echo', 'none', 'other', 'previous']).optional(),
  /** Turns letters into what they look like when the code page is wrong. */
  garbled: z.boolean().optional(),
  /** Control characters and escape sequences put into the reply. */
  dirty: z.boolean().optional(),
  /** The reply holds a stop pattern, a start pattern and a plausible frame. */
  embedded: z.boolean().optional(),
});
export type AnswerChange = z.infer<typeof answerChange>;

const answers = z.strictObject({
  firstAfterMs: delayMs.default(0),
  secondAfterMs: delayMs.default(0),
  order: z.enum(['seeded', 'state-first', 'federal-first']).default('seeded'),
  changes: z.array(answerChange).default([]),
});

/** What can be done to the line itself (wire.md 15). Each belongs to one occasion; the schema refuses it anywhere else. */
export const lineFaults = {
  // When a message of the client's has arrived.
  'drop-ack': 'message',
  'delay-ack': 'message',
  refuse: 'message',
  'ack-unknown-id': 'message',
  'cross-same-id': 'message',
  'close-before-ack': 'message',
  silence: 'message',
  'half-open': 'message',
  'ack-status': 'message',
  'ack-bytes': 'message',
  // When a message of the switch's is about to leave.
  'split-frames': 'answer',
  'length-too-large': 'answer',
  'length-too-small': 'answer',
  'junk-before': 'answer',
  'close-mid-frame': 'answer',
  'stop-split': 'answer',
  'stop-wrong': 'answer',
  'bytes-inside': 'answer',
  'repeat-frame': 'answer',
  'reuse-id': 'answer',
  'again-after-reconnect': 'answer',
  // When a client connects or sends a heartbeat.
  'encryption-yes': 'connect',
  'no-connect-answer': 'connect',
  'refuse-connect': 'connect',
  'no-heartbeat-echo': 'heartbeat',
  'heartbeat-status': 'heartbeat',
} as const;
export type LineFaultName = keyof typeof lineFaults;
export type Occasion = (typeof lineFaults)[LineFaultName];

const lineFault = z.strictObject({
  fault: z.enum(Object.keys(lineFaults) as [LineFaultName, ...LineFaultName[]]),
  /** Only messages that meet this, counted by `nth`; for `connect` and `heartbeat` only `nth` means anything. */
  when: matcher.default({}),
  /** How often it is done at most. */
  times: count.default(1),
  /** For `delay-ack` and `stop-split`. */
  ms: delayMs.default(0),
  /** For `refuse`. */
  reason: z.string().max(80).default('SCRIPTED REFUSAL'),
  /** Payload bytes of each frame, for `split-frames`. */
  bytes: count.max(60_000).default(7),
  /** For `ack-status`, `heartbeat-status` and `refuse` (dmpp-2020); absent means the profile's own. */
  status: z.number().int().min(0).max(0xffff).optional(),
  /** What leaves in place of the acknowledgement, before the frame, or inside it. */
  hex: z
    .string()
    .regex(/^([0-9A-Fa-f]{2})*$/)
    .max(200)
    .default(''),
});
export type LineFault = z.infer<typeof lineFault>;

/** Something the switch sends of its own accord. */
const unsolicited = z.union([
  z.strictObject({
    nlets: z.strictObject({
      key,
      from: ori,
      to: z.array(ori).min(1).max(5),
      /** `auto` makes one; `none` leaves it out. */
      control: z.union([z.literal('auto'), z.literal('none'), z.string().length(10)]).default('auto'),
      fields: fields.optional(),
      text: text.optional(),
    }),
  }),
  z.strictObject({ ncic: z.strictObject({ to: ori, header: z.string().max(19).default('1L01'), text }) }),
  z.strictObject({ raw: z.strictObject({ to: ori, text }) }),
  /** The same text to every station that is linked, `count` times, `everyMs` apart. */
  z.strictObject({
    broadcast: z.strictObject({
      from: ori,
      key: key.default('AM'),
      text,
      count: count.max(10_000).default(1),
      everyMs: delayMs.default(0),
    }),
  }),
  /** Ends the link of whoever stands for the ORI. */
  z.strictObject({ close: z.strictObject({ to: ori }) }),
  /** Takes a record off the hot files as if its time were over, and tells its owner. */
  z.strictObject({ purge: z.strictObject({ nic }) }),
  /** Leaves out so many of the numbers that count what went to a station. */
  z.strictObject({ gap: z.strictObject({ to: ori, by: count.max(1_000).default(1) }) }),
  z.strictObject({
    clockJump: z.strictObject({
      byMs: z
        .number()
        .int()
        .min(-10 * dayMs)
        .max(10 * dayMs),
    }),
  }),
]);
export type Unsolicited = z.infer<typeof unsolicited>;

const moment = z.strictObject({
  /** `opened`: the first client is linked. `received`: this came in. `accepted`: the client acknowledged this from us. */
  when: z.union([z.literal('opened'), z.strictObject({ received: matcher }), z.strictObject({ accepted: matcher })]),
  afterMs: delayMs.default(0),
  /** How often it may happen at most. */
  times: count.max(1_000).default(1),
  send: z.array(unsolicited).min(1).max(20),
});
export type Moment = z.infer<typeof moment>;

const script = z.strictObject({
  name: z.string().min(1).max(80),
  about: z.string().max(2_000).optional(),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  /** The state whose switch this is: its answers stand beside NCIC's. */
  state: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default('CO'),
  /** ORIs that a linking client stands for before it has sent anything; without an address, the first one to link. */
  stations: z
    .array(z.strictObject({ oris: z.array(ori).min(1), address: z.string().overwrite(canonicalAddress).optional() }))
    .default([]),
  /** Names and telephones of agencies, for the `ORI IS` line of a hit. */
  directory: z
    .array(z.strictObject({ ori, name: z.string().min(1).max(60), phone: z.string().max(20).default('') }))
    .default([]),
  /** Addresses that take whatever comes and never answer: control terminals, NCIC quality control. */
  listeners: z.array(ori).default([]),
  answers: answers.prefault({}),
  agencies: z.array(agency).default([]),
  states: z.array(stateScript).default([]),
  moments: z.array(moment).default([]),
  /** Faults of the line; the first that fits an occasion is done. */
  line: z.array(lineFault).default([]),
  /** What the switch offers when a session opens; the rest is the profile's. */
  terms: z
    .strictObject({
      frameBytesMax: count.optional(),
      maxIdleMs: count.optional(),
      defaultTimeoutMs: count.optional(),
    })
    .default({}),
  /** Oddities of this switch's frames, as a one-off vendor's might have them. */
  quirks: z
    .strictObject({
      lengthExcludesBytes: z.number().int().min(0).max(64).optional(),
      controlBytes: z.enum(['ascii', 'ebcdic']).optional(),
    })
    .default({}),
  /** The switch's own lines under a reply (wire.md 9). */
  trailer: z.boolean().default(false),
  /** The exchange id of a message sent again because its fate was not known: an old id lets the client recognise it. */
  redelivery: z.enum(['same-id', 'new-id', 'never']).default('same-id'),
  /** How the lines of its texts end; as the client asked when the session opened, or as the profile has it, unless set. */
  newline: z.enum(['lf', 'crlf', 'crlfdel']).optional(),
  errorEchoCharacters: z.number().int().min(20).max(2_000).default(100),
  /** How long records stay on the hot files, in days; for ever unless set, since no source tells the real figures. */
  retention: z
    .strictObject({ days: z.number().int().min(1).optional(), locatedDays: z.number().int().min(1).optional() })
    .default({}),
  delayedHitHours: z.number().int().min(0).max(240).default(120),
});
export type Script = z.infer<typeof script>;

/**
 * Checks a script that was already read, and fills in what it leaves out.
 * @throws HitlineError SCRIPT_INVALID with one fault per mistake, named by its path and never by its value.
 */
export function parseScript(data: unknown): Script {
  const result = script.safeParse(data);
  if (result.success) return result.data;
  const detail = result.error.issues.map((issue) => `${issue.path.join('.') || 'script'}: ${issue.code}`).join('; ');
  throw new HitlineError('SCRIPT_INVALID', { detail });
}

/**
 * Loads a script from a YAML file.
 * @throws HitlineError FILE_UNREADABLE when there is no such file, SCRIPT_INVALID when it is not a script.
 */
export async function loadScript(file: string): Promise<Script> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
  let data: unknown;
  try {
    data = parse(source);
  } catch (cause) {
    throw new HitlineError('SCRIPT_INVALID', { detail: 'It is not YAML.', cause });
  }
  return parseScript(data);
}

/** The script of a switch that nobody scripted: it answers inquiries at once and knows no other agency. */
export function plainScript(): Script {
  return parseScript({ name: 'Plain' });
}

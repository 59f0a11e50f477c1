import { HitlineError } from '../../faults/fault.ts';
import type { ConnectTerms, Frame } from '../../wire/framing/frame.ts';
import type { WireProfile } from '../../wire/profile.ts';
import type { Call, CommandRow } from '../command.ts';
import { UsageError } from '../command.ts';
import { decodeJson, decodeText } from '../json-input.ts';
import { declareProfileOptions, readProfileOptions } from '../profile-options.ts';
import { readInput, write } from '../streams.ts';

const types = ['data', 'connect', 'ack', 'nak', 'heartbeat'] as const;
type FrameType = (typeof types)[number];

interface FrameOptions {
  readonly type: FrameType;
  readonly exchangeId: number;
  readonly frameBytesMax: number;
  readonly final: boolean;
}

/** `hitline frame encode`: a payload, or what `frame decode` printed, in; the bytes of the frames out. */
export const frameEncodeCommand: CommandRow = {
  name: 'frame encode',
  describe: 'Reads a payload, or the JSON that decode prints, and writes the bytes of its frames.',
  configure(command) {
    command.argument('[file]', 'the payload or the JSON; standard input without it or when it is -');
    declareProfileOptions(command);
    command
      .option('--type <type>', `the type of frame (${types.join(', ')}); data when not given`)
      .option('--exchange-id <id>', 'the exchange id; 1 when not given')
      .option('--max-frame <bytes>', 'the largest frame; a longer payload is cut into several')
      .option('--end <Y|N>', 'whether the last frame ends the exchange; Y when not given')
      .option('--json', 'the input is JSON, one object per frame, even if options for a payload are given')
      .option('--text', 'the input is a payload, even if it looks like the JSON of a frame')
      .addHelpText('after', encodeHelp);
  },
  async run(call) {
    const profile = await readProfileOptions(call);
    const frame = frameOptions(call, profile);
    const { encodeFrame } = await import('./frame-json.ts');
    if (frame.type !== 'data' && frame.type !== 'nak') {
      await write(call.streams.stdout, encodeFrame(bareFrame(frame), profile));
      return 0;
    }
    const input = await readInput(call.streams, call.words[0]);
    const isJson = call.options['json'] === true || (call.options['text'] !== true && looksLikeFrames(input, call));
    if (isJson) {
      await encodeJson(input, { call, profile });
      return 0;
    }
    const frames = payloadFrames(input, frame, profile).map((one) => encodeFrame(one, profile));
    for (const bytes of frames) await write(call.streams.stdout, bytes);
    return 0;
  },
};

const encodeHelp = `
Input that begins with {"type": is taken as the JSON that "frame decode" prints, one object per line, unless --text or
one of --type, --exchange-id and --end is given; "frame encode" of what "frame decode" printed gives the same bytes.
Types other than data and nak have no payload and read no input. The payload of nak is its reason.`;

function frameOptions({ options }: Call, profile: WireProfile): FrameOptions {
  const type = types.find((one) => one === (options['type'] ?? 'data'));
  if (type === undefined) throw new UsageError(`--type is one of ${types.join(', ')}`);
  const end = options['end'] ?? 'Y';
  if (end !== 'Y' && end !== 'N') throw new UsageError('--end is Y or N');
  if (end === 'N' && type !== 'data') throw new UsageError('only a data frame can be followed by more (--end N)');
  const { exchangeIdMax, overheadBytes } = profile.rules;
  return {
    type,
    exchangeId: wholeNumber('--exchange-id', options['exchangeId'] ?? '1', { min: 0, max: exchangeIdMax }),
    frameBytesMax: wholeNumber('--max-frame', options['maxFrame'] ?? String(profile.frameBytesMax), {
      min: type === 'connect' ? 0 : overheadBytes + 1,
      max: 0xffff_ffff,
    }),
    final: end === 'Y',
  };
}

function wholeNumber(name: string, given: string | boolean, limits: { min: number; max: number }): number {
  const figure = Number(given);
  if (!/^\d{1,10}$/.test(String(given)) || figure < limits.min || figure > limits.max) {
    throw new UsageError(`${name} is a whole number from ${limits.min} to ${limits.max}`);
  }
  return figure;
}

/** A frame that needs no input. The terms are a client's first words: both times 0 (wire.md 4.2). */
function bareFrame({ type, exchangeId, frameBytesMax }: FrameOptions): Frame {
  if (type === 'ack' || type === 'heartbeat') return { type, exchangeId };
  const terms: ConnectTerms = {
    major: 1,
    minor: 1,
    frameBytesMax,
    maxIdleS: 0,
    defaultTimeoutS: 0,
    encryption: false,
    coding: 'NON',
    newline: 'LF',
  };
  return { type: 'connect', exchangeId, terms };
}

/** Cuts a payload into as many frames as it needs; all but the last say that more follow. */
function payloadFrames(payload: Buffer, options: FrameOptions, profile: WireProfile): Frame[] {
  const { exchangeId, frameBytesMax, final } = options;
  if (options.type === 'nak') return [{ type: 'nak', exchangeId, reason: payload.toString('latin1') }];
  const partBytesMax = frameBytesMax - profile.rules.overheadBytes;
  const partCount = Math.max(1, Math.ceil(payload.length / partBytesMax));
  if (partCount > 1 && !profile.rules.multiFrame) {
    throw new HitlineError('MESSAGE_TOO_LONG', { detail: `At most ${partBytesMax} bytes in a frame.` });
  }
  return Array.from({ length: partCount }, (_, part) => ({
    type: 'data',
    exchangeId,
    final: final && part === partCount - 1,
    payload: payload.subarray(part * partBytesMax, (part + 1) * partBytesMax),
  }));
}

function looksLikeFrames(input: Buffer, { options }: Call): boolean {
  const describesPayload = ['type', 'exchangeId', 'end'].some((name) => options[name] !== undefined);
  return !describesPayload && /^\s*\{\s*"type"\s*:/.test(input.toString('latin1', 0, 200));
}

/** Turns each line of JSON into a frame; nothing is written unless all lines are good, so that a stream is never cut. */
async function encodeJson(input: Buffer, { call, profile }: { call: Call; profile: WireProfile }): Promise<void> {
  const { frameFromJson } = await import('./frame-json.ts');
  const lines = decodeText(input).split('\n');
  const frames = lines.flatMap((line, at) =>
    line.trim() === '' ? [] : [frameFromJson(decodeJson(line, at + 1), { profile, line: at + 1 })],
  );
  for (const bytes of frames) await write(call.streams.stdout, bytes);
}

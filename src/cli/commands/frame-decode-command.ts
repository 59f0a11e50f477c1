import { makeFault } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { declareProfileOptions, readProfileOptions } from '../profile-options.ts';
import { openInput, writeJson } from '../streams.ts';

/** `hitline frame decode`: bytes in, one JSON object per frame out, as soon as each frame is whole. */
export const frameDecodeCommand: CommandRow = {
  name: 'frame decode',
  describe: 'Reads the bytes of a link and prints one JSON object per frame.',
  configure(command) {
    command.argument('[file]', 'the bytes; standard input without it or when it is -');
    declareProfileOptions(command);
    command.addHelpText('after', decodeHelp);
  },
  async run(call) {
    const { words, streams } = call;
    const { frameToJson } = await import('./frame-json.ts');
    const profile = await readProfileOptions(call);
    const deframer = profile.makeDeframer(profile.frameBytesMax);
    // What has come and is not yet printed, so that each frame's own bytes can be compared with what it says.
    let waiting: Buffer = Buffer.alloc(0);
    for await (const chunk of openInput(streams, words[0])) {
      waiting = Buffer.concat([waiting, chunk]);
      deframer.push(chunk);
      for (let frame = deframer.next(); frame !== undefined; frame = deframer.next()) {
        if (frame.type === 'fault') {
          await writeJson(streams.stdout, { ok: false, faults: [makeFault(frame.code, { offset: frame.offset })] });
          return 1;
        }
        const bytes = waiting.subarray(0, waiting.length - deframer.bufferedBytes);
        waiting = waiting.subarray(bytes.length);
        await writeJson(streams.stdout, frameToJson(frame, bytes, profile));
      }
    }
    if (!deframer.partial) return 0;
    await writeJson(streams.stdout, { ok: false, faults: [makeFault('FRAME_CUT')] });
    return 1;
  },
};

const decodeHelp = `
A payload of ASCII is printed as "payload", any other as "payloadHex". Where the fields do not tell all of a frame's
bytes, they are there as "hex" too, so that "frame encode" gives back the same bytes. Bytes that are no frame end the
run with exit code 1 and a last line of faults; the frames before it stand.`;

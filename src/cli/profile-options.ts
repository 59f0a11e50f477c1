/** The options that say how a line's frames deviate from its profile, for every command that speaks or reads one. */
import type { Command } from 'commander';
import type { Quirks, WireProfile } from '../wire/profile.ts';
import { type Call, UsageError } from './command.ts';

export function declareProfileOptions(command: Command): void {
  command
    .requiredOption('--profile <profile>', 'the wire profile, such as foxtalk-1')
    .option('--control-bytes <ascii|ebcdic>', 'stx-etx: whose control bytes; ascii when not given')
    .option('--length-excludes <bytes>', 'the length field leaves out so many bytes (12 for some dmpp-2020 peers)')
    .option('--length-bytes <2|4>', 'how wide the length field is, when it is not the width of the profile')
    .option('--block-keys <file>', 'dmpp-2020: keys of encrypted blocks, as for blockKeyFile in the configuration');
}

/** The profile that the options name; throws UsageError, or KEY_FILE_UNUSABLE for the keys. */
export async function readProfileOptions(call: Call): Promise<WireProfile> {
  const { isProfileName, profileNames, wireProfile } = await import('../wire/profiles.ts');
  const name = String(call.options['profile']);
  if (!isProfileName(name)) throw new UsageError(`--profile is one of ${profileNames.join(', ')}`);
  return wireProfile(name, await readQuirks(call));
}

/** The deviations alone. */
export async function readQuirks({ options }: Call): Promise<Quirks> {
  const { controlBytes, lengthExcludes, lengthBytes, blockKeys } = options;
  if (controlBytes !== undefined && controlBytes !== 'ascii' && controlBytes !== 'ebcdic') {
    throw new UsageError('--control-bytes is ascii or ebcdic');
  }
  if (lengthBytes !== undefined && lengthBytes !== '2' && lengthBytes !== '4') {
    throw new UsageError('--length-bytes is 2 or 4');
  }
  const excluded = Number(lengthExcludes ?? 0);
  if (!Number.isInteger(excluded) || excluded < 0 || excluded > 64) {
    throw new UsageError('--length-excludes is a whole number from 0 to 64');
  }
  const keys =
    typeof blockKeys === 'string'
      ? (await import('../switch/doors/line-profile.ts')).readBlockKeys(blockKeys)
      : undefined;
  return {
    ...(controlBytes === undefined ? {} : { controlBytes }),
    ...(lengthBytes === undefined ? {} : { lengthBytes: lengthBytes === '2' ? 2 : 4 }),
    ...(lengthExcludes === undefined ? {} : { lengthExcludesBytes: excluded }),
    ...(keys === undefined ? {} : { blockKeys: keys }),
  };
}

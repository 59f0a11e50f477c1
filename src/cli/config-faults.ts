import { type Fault, makeFault } from '../faults/fault.ts';

/** A mistake in a configuration file as a Fault: the setting's path and a sentence, never the value found. */
export function configFault({ path, text }: { readonly path: string; readonly text: string }): Fault {
  return makeFault('CONFIG_INVALID', { detail: path === '' ? text : `${path}: ${text}` });
}

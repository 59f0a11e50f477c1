import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: aircraft. */
export const aircraftKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'aircraft', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'GQ', title: 'Aircraft', action: 'request', class: 'inquiry', form: 'nlets', replies: ['GR'] },
    { key: 'GR', title: 'Aircraft, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'JQ', title: 'FAA aircraft tracking', action: 'request', class: 'inquiry', form: 'nlets', replies: ['JR'] },
    { key: 'JR', title: 'FAA aircraft tracking, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

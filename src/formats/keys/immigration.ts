import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: immigration. */
export const immigrationKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'immigration', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'IAQ', title: 'Immigration', action: 'request', class: 'inquiry', form: 'nlets', replies: ['IAR'] },
    { key: 'IAR', title: 'Immigration, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: hazmat. */
export const hazmatKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'hazmat', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'MQ', title: 'Hazardous material', action: 'request', class: 'inquiry', form: 'nlets', replies: ['MR'] },
    { key: 'MR', title: 'Hazardous material, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

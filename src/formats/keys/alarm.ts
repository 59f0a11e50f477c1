import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: alarm. */
export const alarmKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'alarm', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'ALQ', title: 'Alarm company', action: 'request', class: 'inquiry', form: 'nlets', replies: ['ALR'] },
    { key: 'ALR', title: 'Alarm company, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

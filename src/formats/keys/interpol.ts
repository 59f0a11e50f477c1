import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: interpol. */
export const interpolKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'interpol', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'FPQ', title: 'Interpol', action: 'request', class: 'inquiry', form: 'nlets', replies: ['FPR'] },
    { key: 'FPR', title: 'Interpol, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'FTQ', title: 'Interpol', action: 'request', class: 'inquiry', form: 'nlets', replies: ['FTR'] },
    { key: 'FTR', title: 'Interpol, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'FVQ', title: 'Interpol', action: 'request', class: 'inquiry', form: 'nlets', replies: ['FVR'] },
    { key: 'FVR', title: 'Interpol, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'IPQ', title: 'Interpol', action: 'request', class: 'inquiry', form: 'nlets', replies: ['IPR'] },
    { key: 'IPR', title: 'Interpol, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'ITQ', title: 'Interpol', action: 'request', class: 'inquiry', form: 'nlets', replies: ['ITR'] },
    { key: 'ITR', title: 'Interpol, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'IVQ', title: 'Interpol', action: 'request', class: 'inquiry', form: 'nlets', replies: ['IVR'] },
    { key: 'IVR', title: 'Interpol, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

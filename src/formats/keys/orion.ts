import { defineKeys, type KeyTable, may, must } from '../key-table.ts';

/** Message keys of the families: orion. */
export const orionKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'orion', provenance: 'verified', source: 'NLETS L1, N6, N12' }, [
    {
      key: 'TA',
      title: 'ORION record, add',
      action: 'maintain',
      class: 'record',
      form: 'nlets',
      fields: [
        must('ORI', 9),
        may('LOC', 20, { note: '2-20' }),
        may('TYP', 2, { note: 'PD SO SA LE FE JA JC JG JJ JF CJ NJ' }),
      ],
      destinations: { max: 1, kind: 'region', only: 'OD', provenance: 'verified', source: 'NLETS N6, N12' },
      fieldsProvenance: 'verified',
      note: 'Destination OD. Only the NSA ORI may add or cancel.',
    },
    {
      key: 'TD',
      title: 'ORION record, delete',
      action: 'maintain',
      class: 'record',
      form: 'nlets',
      destinations: { max: 1, kind: 'region', only: 'OD', provenance: 'verified', source: 'NLETS N6, N12' },
      note: 'Destination OD. Action word recalled from the letter.',
    },
    {
      key: 'TU',
      title: 'ORION record, update',
      action: 'maintain',
      class: 'record',
      form: 'nlets',
      destinations: { max: 1, kind: 'region', only: 'OD', provenance: 'verified', source: 'NLETS N6, N12' },
      note: 'Destination OD. Action word recalled from the letter.',
    },
    {
      key: 'TQ',
      title: 'ORION query',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['TR'],
      destinations: { max: 1, kind: 'region', provenance: 'verified', source: 'NLETS N12' },
      note: 'Sent to the 2-character code of the place.',
    },
    { key: 'TR', title: 'ORION response', action: 'response', class: 'tell', form: 'nlets', source: 'NLETS L1' },
  ]),
];

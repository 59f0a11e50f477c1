import { defineKeys, type FieldUse, type KeyTable, may, oneOf } from '../key-table.ts';

/** SWQ. */
const swqFields: readonly FieldUse[] = [
  oneOf('subject', 'NAM', 30),
  may('DOB', 8, { with: 'NAM' }),
  oneOf('subject', 'FBI', 9),
  oneOf('subject', 'SOC', 9),
  oneOf('subject', 'MNU', 15),
  oneOf('subject', 'OLN', 20),
];

/** Message keys of the families: state-warrant. */
export const stateWarrantKeys: readonly KeyTable[] = [
  ...defineKeys(
    {
      line: 'nlets',
      family: 'state-warrant',
      provenance: 'verified',
      source: 'NLETS L1, N27; sizes from the NCIC field dictionary',
    },
    [
      {
        key: 'SWQ',
        title: 'State warrant',
        action: 'request',
        class: 'inquiry',
        form: 'nlets',
        replies: ['SWR'],
        fields: swqFields,
        rules: ['one-subject'],
        fieldsProvenance: 'verified',
        note: 'Exactly one of NAM + DOB, FBI, SOC, MNU, OLN.',
      },
      {
        key: 'SWR',
        title: 'State warrant, response',
        action: 'response',
        class: 'tell',
        form: 'nlets',
        source: 'NLETS L1',
      },
    ],
  ),
];

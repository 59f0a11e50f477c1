import { defineKeys, type KeyTable, may, oneOf } from '../key-table.ts';

/** Message keys of the families: nlets-boat. */
export const nletsBoatKeys: readonly KeyTable[] = [
  ...defineKeys(
    {
      line: 'nlets',
      family: 'nlets-boat',
      provenance: 'verified',
      source: 'NLETS L1, N9, N22; sizes from the NCIC field dictionary',
    },
    [
      {
        key: 'BQ',
        title: 'Boat registration',
        action: 'request',
        class: 'inquiry',
        form: 'nlets',
        replies: ['BR'],
        fields: [
          oneOf('subject', 'REG', 10),
          oneOf('subject', 'BHN', 20),
          oneOf('subject', 'NAM', 30),
          may('DOB', 8, { with: 'NAM' }),
        ],
        rules: ['plain-numbers'],
        destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N22' },
        fieldsProvenance: 'verified',
        note: 'Up to 5 states or regions; Z1 = all states and Puerto Rico; CG = Coast Guard. Field table incomplete.',
      },
      {
        key: 'BR',
        title: 'Boat registration, response',
        action: 'response',
        class: 'tell',
        form: 'free-text',
        fields: [may('REG', 10), may('EXPIRES'), may('BHN', 20)],
        fieldsProvenance: 'verified',
        source: 'NLETS L1, N9',
        note: 'Suggested fields.',
      },
    ],
  ),
];

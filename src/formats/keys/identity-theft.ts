import { defineKeys, type KeyTable, must } from '../key-table.ts';

/** Message keys of the families: identity-theft. */
export const identityTheftKeys: readonly KeyTable[] = [
  ...defineKeys(
    { line: 'ncic', family: 'identity-theft', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      { key: 'EID', title: 'Enter identity theft', action: 'enter', class: 'record', form: 'positional' },
      { key: 'EIDC', title: 'Enter identity theft, caution', action: 'enter', class: 'record', form: 'positional' },
      { key: 'MID', title: 'Modify identity theft', action: 'modify', class: 'record', form: 'coded', open: true },
      { key: 'XID', title: 'Cancel identity theft', action: 'cancel', class: 'record', form: 'coded' },
      {
        key: 'EIN',
        title: 'Enter supplemental data, identity theft',
        action: 'supplement',
        class: 'record',
        form: 'positional',
        open: true,
      },
      {
        key: 'XIN',
        title: 'Cancel supplemental data, identity theft',
        action: 'cancel-supplement',
        class: 'record',
        form: 'coded',
        open: true,
      },
      {
        key: 'QID',
        title: 'Query identity theft',
        action: 'query',
        class: 'inquiry',
        form: 'coded',
        fields: [must('NAM', 80)],
        fieldsProvenance: 'recalled',
        source: 'LEDS-MKE (key); fields incomplete',
        note: 'NAM plus one identifier (which is not known).',
      },
      {
        key: 'ZID',
        title: 'Administrative query, identity theft',
        action: 'admin-query',
        class: 'inquiry',
        form: 'coded',
      },
    ],
  ),
];

import { defineKeys, type FieldUse, type KeyTable, oneOf } from '../key-table.ts';

/** QII QIC QIS. */
const qiiFields: readonly FieldUse[] = [oneOf('identifier', 'IMN', 10), oneOf('identifier', 'NIC', 10)];

/** Message keys of the families: image, investigative-interest. */
export const imageKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'image', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    { key: 'EIM', title: 'Enter image', action: 'enter', class: 'record', form: 'positional' },
    { key: 'MII', title: 'Modify image', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XIM', title: 'Cancel image', action: 'cancel', class: 'record', form: 'coded' },
    {
      key: 'QII',
      title: 'Query image by IMN',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: qiiFields,
      fieldsProvenance: 'verified',
    },
    {
      key: 'QIC',
      title: 'Cold fingerprint search',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: qiiFields,
      fieldsProvenance: 'verified',
    },
    {
      key: 'QIS',
      title: 'Verify (image or fingerprint)',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: qiiFields,
      fieldsProvenance: 'verified',
    },
  ]),
  ...defineKeys(
    { line: 'ncic', family: 'investigative-interest', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' },
    [
      { key: 'EII', title: 'Enter investigative interest', action: 'enter', class: 'record', form: 'positional' },
      { key: 'XII', title: 'Cancel investigative interest', action: 'cancel', class: 'record', form: 'coded' },
    ],
  ),
];

import { type DestinationNeed, defineKeys, type FieldUse, type KeyTable, may, must, oneOf } from '../key-table.ts';

/** RQ RPQ RQG. */
const rqFields: readonly FieldUse[] = [
  may('RSN', 1, { note: 'N F V T S H I' }),
  oneOf('identifier', 'LIC', 10),
  may('LIY', 4, { with: 'LIC', note: 'or NX' }),
  may('LIT', 2, { with: 'LIC' }),
  oneOf('identifier', 'VIN', 20),
  may('VMA', 24, { note: 'with VIN, required only for MO' }),
  may('VYR', 4, { note: 'with VIN, required only for MO' }),
];

/** Missouri finds a vehicle by its number only with make and year. */
const toMissouri: readonly DestinationNeed[] = [
  { to: 'MO', with: 'VIN', required: ['VMA', 'VYR'], provenance: 'verified', source: 'NLETS N11' },
];

/** Message keys of the families: registration. */
export const registrationKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'registration', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'RQ',
      title: 'Vehicle registration query',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['RR'],
      fields: rqFields,
      destinationNeeds: toMissouri,
      rules: ['either-subject', 'plain-numbers'],
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N11, N20' },
      fieldsProvenance: 'verified',
      source: 'NLETS L1 (key), N11, N2 (fields); sizes from the NCIC field dictionary',
      note: 'Up to 5 two-character state or region codes; NL = multi-state query.',
    },
    { key: 'RR', title: 'Vehicle registration response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'RPQ',
      title: 'Vehicle registration query (RPQ)',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['RPR'],
      fields: rqFields,
      destinationNeeds: toMissouri,
      rules: ['either-subject', 'plain-numbers'],
      destinations: { max: 5, kind: 'region', not: ['Z1'], provenance: 'verified', source: 'NLETS N11' },
      fieldsProvenance: 'verified',
      source: 'NLETS N11',
      note: 'Up to 5 state codes, no regions (Z1 is the only region code that is published).',
    },
    {
      key: 'RPR',
      title: 'Vehicle registration response (RPR)',
      action: 'response',
      class: 'tell',
      form: 'nlets',
      source: 'NLETS N11',
    },
    {
      key: 'RQG',
      title: 'Vehicle registration query, regional',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['RRG', 'RR'],
      fields: rqFields,
      destinationNeeds: toMissouri,
      rules: ['either-subject', 'plain-numbers'],
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N11, N20' },
      fieldsProvenance: 'verified',
      source: 'NLETS L1 (key), N11, N2 (fields); sizes from the NCIC field dictionary',
      note: 'Nlets delivers it to the state as RQ; lower priority.',
    },
    { key: 'RRG', title: 'Vehicle registration response, regional', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'RNQ',
      title: 'Vehicle registration query by name',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['RNR'],
      fields: [must('NAM', 30)],
      fieldsProvenance: 'verified',
      source: 'NLETS L1, N11; size N13',
    },
    { key: 'RNR', title: 'Vehicle registration response by name', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'SQ',
      title: 'Snowmobile registration',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['SR'],
      fields: [
        oneOf('subject', 'REG', 10),
        oneOf('subject', 'VIN', 20),
        oneOf('subject', 'NAM', 30),
        may('DOB', 8, { with: 'NAM' }),
      ],
      fieldsProvenance: 'verified',
      source: 'NLETS L1, N10',
    },
    { key: 'SR', title: 'Snowmobile registration, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

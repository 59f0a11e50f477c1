import { defineKeys, type FieldUse, type KeyTable, may, must, oneOf } from '../key-table.ts';

/** QH. */
const qhFields: readonly FieldUse[] = [
  oneOf('subject', 'NAM', 30),
  oneOf('subject', 'SID', 10),
  oneOf('subject', 'FBI', 9),
  may('DOB', 8, { note: 'with SEX and RAC in the name + DOB variant' }),
  may('SEX', 1, { with: 'DOB' }),
  may('RAC', 1, { with: 'DOB' }),
  may('MNU', 15),
  may('SOC', 9),
  must('PUR', 1),
  may('ATN', 30, { note: 'in the recalled federal shape; Texas sends a requestor instead', provenance: 'recalled' }),
];

/** QR. */
const qrFields: readonly FieldUse[] = [
  oneOf('subject', 'FBI', 9),
  oneOf('subject', 'SID', 10),
  must('ATN', 30),
  must('PUR', 1),
  may('DPT', 30, { note: 'mailing block' }),
  may('BLD', 30, { note: 'mailing block' }),
  may('ADR', 30, { note: 'mailing block' }),
  may('CIS', 30, { note: 'mailing block' }),
  may('ZIP', 9, { note: 'mailing block' }),
];

/** ZI ZRS. */
const ziFields: readonly FieldUse[] = [oneOf('subject', 'FBI', 9), oneOf('subject', 'SID', 10)];

/** IQ. */
const iqFields: readonly FieldUse[] = [
  must('NAM', 30, { note: 'or by SOC or MNU', unless: ['SOC', 'MNU'] }),
  must('DOB', 8, { unless: ['SOC', 'MNU'] }),
  must('SEX', 1, { unless: ['SOC', 'MNU'] }),
  must('PUR', 1),
  must('ATN', 30),
  may('RAC', 1),
  may('SOC', 9),
  may('MNU', 15),
];

/** FQ. */
const fqFields: readonly FieldUse[] = [
  must('SID', 10),
  must('ATN', 30),
  must('PUR', 1),
  may('DPT', 30, { note: 'mailing block' }),
  may('BLD', 30, { note: 'mailing block' }),
  may('ADR', 30, { note: 'mailing block' }),
  may('CIS', 30, { note: 'mailing block' }),
  may('ZIP', 9, { note: 'mailing block' }),
];

/** AQ AR. */
const aqFields: readonly FieldUse[] = [must('ATN', 30), must('PUR', 1)];

/** Message keys of the families: criminal-history, nlets-criminal-history. */
export const criminalHistoryKeys: readonly KeyTable[] = [
  ...defineKeys(
    {
      line: 'iii',
      family: 'criminal-history',
      header: '2L01',
      provenance: 'verified',
      source: 'LEDS-MKE (key, header); TX-CCH (fields)',
    },
    [
      {
        key: 'QH',
        title: 'III - Inquire Existence of CCH Index Code (identity search)',
        action: 'query',
        class: 'history',
        form: 'coded',
        fields: qhFields,
        variants: [
          { when: {}, required: ['NAM', 'DOB', 'SEX', 'RAC', 'PUR'], optional: ['MNU', 'SOC'], provenance: 'state' },
          { when: {}, required: ['NAM', 'PUR'], optional: ['MNU', 'SOC'], provenance: 'state' },
          { when: {}, required: ['SID', 'PUR'], optional: ['NAM'], provenance: 'state' },
          { when: {}, required: ['FBI', 'PUR'], optional: ['NAM'], provenance: 'state' },
        ],
        fieldsProvenance: 'state',
        note: 'Texas adds requestor, operator and inquiry reason (75) as State fields.',
      },
      {
        key: 'QR',
        title: 'Request CCH record from FBI and participating States',
        action: 'query',
        class: 'history',
        form: 'coded',
        replies: ['CR'],
        fields: qrFields,
        variants: [
          {
            when: {},
            required: ['FBI', 'ATN', 'PUR'],
            optional: ['DPT', 'BLD', 'ADR', 'CIS', 'ZIP'],
            provenance: 'state',
          },
          {
            when: {},
            required: ['SID', 'ATN', 'PUR'],
            optional: ['DPT', 'BLD', 'ADR', 'CIS', 'ZIP'],
            provenance: 'state',
          },
        ],
        fieldsProvenance: 'state',
        source: 'LEDS-MKE (key, header); TX-CCH (fields); reply CR: NLETS N15, N16',
        note: 'Texas requires an inquiry reason (75) as a State field; the codes of its mailing block are those of the Texas FQ.',
      },
      {
        key: 'ZR',
        title: 'III existence check (maintenance)',
        action: 'admin-query',
        class: 'history',
        form: 'coded',
        fields: [oneOf('subject', 'FBI', 9), oneOf('subject', 'SID', 10), may('PUR', 1)],
        fieldsProvenance: 'state',
      },
      {
        key: 'ZI',
        title: 'III record check (maintenance)',
        action: 'admin-query',
        class: 'history',
        form: 'coded',
        fields: ziFields,
        fieldsProvenance: 'verified',
        source: 'LEDS-MKE',
      },
      {
        key: 'ZRS',
        title: 'III status check (maintenance)',
        action: 'admin-query',
        class: 'history',
        form: 'coded',
        fields: ziFields,
        fieldsProvenance: 'verified',
        source: 'LEDS-MKE',
      },
    ],
  ),
  ...defineKeys({ line: 'nlets', family: 'nlets-criminal-history', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'IQ',
      title: 'Criminal history identity query',
      action: 'request',
      class: 'history',
      form: 'nlets',
      replies: ['IR', 'FR'],
      fields: iqFields,
      destinationNeeds: [{ to: 'CN', not: ['RAC', 'SOC', 'MNU'], provenance: 'verified', source: 'NLETS N15' }],
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N15, N16' },
      fieldsProvenance: 'state',
      source: 'NLETS L1, N15, N16 (key); TX-CCH, T1 (fields)',
      note: '1 to 5 two-character destinations; a 9-character ORI rejects the whole message. Also by SSN or MNU; to Canada only NAM, DOB, SEX.',
    },
    { key: 'IR', title: 'Criminal history identity response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'FQ',
      title: 'Criminal history record query',
      action: 'request',
      class: 'history',
      form: 'nlets',
      replies: ['FR'],
      fields: fqFields,
      destinations: { max: 1, kind: 'region', provenance: 'verified', source: 'NLETS N16' },
      fieldsProvenance: 'state',
      source: 'NLETS L1, N16 (key); TX-CCH, T1, Q2 (fields)',
      note: 'One 2-character destination; a 9-character ORI is rejected.',
    },
    { key: 'FR', title: 'Criminal history record response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'AQ',
      title: 'Criminal history supplemental query',
      action: 'request',
      class: 'tell',
      form: 'free-text',
      replies: ['AR'],
      fields: aqFields,
      body: { must: true, max: 14_400, provenance: 'state', source: 'NLETS T1, TX-CCH' },
      destinations: { max: 5, kind: 'ori', provenance: 'state', source: 'NLETS T1' },
      fieldsProvenance: 'state',
      source: 'NLETS L1 (key); TX-CCH, T1 (fields)',
      note: 'Free text up to 14,400; up to 5 nine-character destinations (Texas). Washington DOL uses AQ. and YQ. as keys of its own.',
    },
    {
      key: 'AR',
      title: 'Criminal history supplemental response',
      action: 'response',
      class: 'tell',
      form: 'free-text',
      fields: aqFields,
      body: { must: true, max: 14_400, provenance: 'state', source: 'NLETS T1, TX-CCH' },
      fieldsProvenance: 'state',
      source: 'NLETS L1 (key); TX-CCH, T1 (fields)',
      note: 'Free text up to 14,400; one destination.',
    },
    { key: 'CR', title: 'III response', action: 'response', class: 'tell', form: 'nlets', source: 'NLETS N1, L1' },
  ]),
];

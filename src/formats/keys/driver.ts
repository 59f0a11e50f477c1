import { defineKeys, type FieldUse, type KeyTable, may, must, oneOf } from '../key-table.ts';

/** DQ. */
const dqFields: readonly FieldUse[] = [
  may('RSN', 1, { note: 'N F V T S H I' }),
  oneOf('subject', 'OLN', 20),
  oneOf('subject', 'NAM', 30),
  may('DOB', 8, { with: 'NAM', note: 'mmddyy or ccyymmdd' }),
  may('SEX', 1, { with: 'NAM' }),
  may('IMQ', 1, { note: 'Y or N' }),
];

/** KQ. */
const kqFields: readonly FieldUse[] = [
  may('RSN', 1, { note: 'N F V T S H I' }),
  oneOf('subject', 'OLN', 20),
  oneOf('subject', 'NAM', 30),
  may('DOB', 8, { with: 'NAM', note: 'mmddyy or ccyymmdd' }),
  may('SEX', 1, { with: 'NAM' }),
];

/** Message keys of the families: driver. */
export const driverKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'driver', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'DQ',
      title: 'Driver license query',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['DR'],
      fields: dqFields,
      rules: ['either-subject', 'plain-numbers'],
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N7' },
      fieldsProvenance: 'verified',
      source: 'NLETS L1, N7; sizes N13 and the NCIC field dictionary',
    },
    { key: 'DR', title: 'Driver license response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'DQG',
      title: 'Driver license query, regional',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['DRG', 'DR'],
      fields: [
        may('RSN', 1, { note: 'N F V T S H I' }),
        must('NAM', 30),
        must('DOB', 8, { note: 'mmddyy or ccyymmdd' }),
        may('SEX', 1),
      ],
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N7, N21' },
      fieldsProvenance: 'verified',
      source: 'NLETS L1, N7, N21',
      note: 'By NAM and DOB (SEX optional), not by OLN. Sources disagree on DR or DRG as answer: accept both.',
    },
    { key: 'DRG', title: 'Driver license response, regional', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'DNQ',
      title: 'Driver license query, name only',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['DNR'],
      fields: [may('RSN', 1), must('NAM', 30)],
      fieldsProvenance: 'verified',
      source: 'NLETS L1, N7',
    },
    { key: 'DNR', title: 'Driver license response, name only', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'KQ',
      title: 'Driver history query',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['KR'],
      fields: kqFields,
      rules: ['either-subject'],
      fieldsProvenance: 'verified',
      source: 'NLETS L1, N31, N30',
    },
    { key: 'KR', title: 'Driver history response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];

/** The rows a State profile may hold, as its file writes them: the same words as the house's own tables. */
import { z } from 'zod';

/** Any sentence or name. */
export const word = z.string().min(1).max(2_000);
/** A number of characters or of pieces. */
export const count = z.number().int().positive();
/** How sure a row is. */
export const provenance = z.enum(['verified', 'state', 'recalled']);
const keyClass = z.enum(['inquiry', 'history', 'record', 'confirm', 'tell']);
const fieldCode = z.string().regex(/^[A-Z][A-Z0-9]{2,3}$/);

const fieldUse = z.strictObject({
  code: fieldCode,
  need: z.enum(['must', 'may', 'one-of']),
  group: word.exactOptional(),
  max: count.exactOptional(),
  with: fieldCode.exactOptional(),
  bare: z.boolean().exactOptional(),
  unless: z.array(fieldCode).exactOptional(),
  only: z.record(fieldCode, z.array(word)).exactOptional(),
  note: word.exactOptional(),
  provenance: provenance.exactOptional(),
});

const codes = z.array(fieldCode);

const variant = z.strictObject({
  when: z.record(fieldCode, word),
  required: codes,
  optional: codes.default([]),
  of: word.exactOptional(),
  provenance,
});

const destinationRule = z.strictObject({
  max: count.exactOptional(),
  kind: z.enum(['ori', 'region', 'both']),
  regionMax: count.exactOptional(),
  only: word.exactOptional(),
  not: z.array(word).exactOptional(),
  provenance,
  source: word,
});

const destinationNeed = z.strictObject({
  to: word,
  with: fieldCode.exactOptional(),
  required: codes.exactOptional(),
  not: codes.exactOptional(),
  provenance,
  source: word,
});

const bodyRule = z.strictObject({
  must: z.boolean().exactOptional(),
  max: count.exactOptional(),
  listed: z.array(word).exactOptional(),
  provenance,
  source: word,
});

/** One message key as a profile writes it: what a row of the house's own tables may say, it may say. */
export const keyRow = z.strictObject({
  key: z.string().regex(/^[A-Z][A-Z0-9]{1,4}(?:-[A-Z])?$/),
  line: z.enum(['ncic', 'iii', 'nlets', 'state']),
  title: word,
  family: word,
  action: z.enum([
    'query',
    'batch-query',
    'admin-query',
    'enter',
    'modify',
    'supplement',
    'cancel-supplement',
    'cancel',
    'clear',
    'locate',
    'expire',
    'benefits',
    'request',
    'response',
    'maintain',
    'message',
  ]),
  class: keyClass,
  form: z.enum(['coded', 'positional', 'nlets', 'free-text']),
  header: z.string().length(4).exactOptional(),
  alsoHeaders: z.array(z.string().length(4)).exactOptional(),
  replies: z.array(word).exactOptional(),
  fields: z.array(fieldUse).exactOptional(),
  variants: z.array(variant).exactOptional(),
  destinations: destinationRule.exactOptional(),
  destinationNeeds: z.array(destinationNeed).exactOptional(),
  body: bodyRule.exactOptional(),
  freeToo: z.boolean().exactOptional(),
  /** The order of values without codes, as the State's own manual has it. */
  positions: z.strictObject({ order: codes, provenance }).exactOptional(),
  layout: z.array(codes).exactOptional(),
  open: z.boolean().exactOptional(),
  rules: z.array(word).exactOptional(),
  provenance,
  fieldsProvenance: provenance.exactOptional(),
  source: word,
  note: word.exactOptional(),
});

/** One field of the dictionary as a profile writes it. */
export const fieldRow = z.strictObject({
  code: fieldCode,
  name: word,
  min: count.exactOptional(),
  max: count.exactOptional(),
  class: z.enum(['alpha', 'num', 'alnum', 'text', 'name', 'date', 'code']),
  tables: z.array(word).exactOptional(),
  values: z.array(word).exactOptional(),
  edits: z.array(word).exactOptional(),
  tableByEdit: z.boolean().exactOptional(),
  latest: z.enum(['today', 'next-year']).exactOptional(),
  repeats: z.boolean().exactOptional(),
  countMax: count.exactOptional(),
  toEnd: z.boolean().exactOptional(),
  rule: word.exactOptional(),
  sensitive: z.boolean(),
  provenance,
  source: word,
});

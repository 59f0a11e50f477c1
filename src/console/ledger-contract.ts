/** The part of the contract that is about the ledger itself: what is kept of people's looks, of histories, of sealed subjects. */
import { z } from 'zod';

export const idText = z.string().min(1).max(64);
export const millis = z.number();

/** Identifier and fresh factor for one act, typed over the operator's shoulder; the operator's session stays. */
export const shoulder = z.object({ osn: z.string().min(1).max(20), factor: z.string().min(1).max(200) });

/** Why somebody looks or acts, in his own words; it is kept encrypted. */
export const why = z.string().min(1).max(200);

export const done = z.object({ status: z.string() });

/** One frame that carried a message, in or out; each attempt is its own. */
export const frameView = z.object({
  id: idText,
  direction: z.enum(['out', 'in']),
  /** UTC in milliseconds, and the monotonic clock beside it. */
  atMs: millis,
  monoMs: millis,
  /** The number in its chain, which never runs backwards. */
  seq: z.number(),
  link: z.string(),
  peer: z.string(),
  local: z.string(),
  exchangeId: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  duplicate: z.boolean(),
});
export type FrameView = z.infer<typeof frameView>;

const stamp = z.object({ time: z.string(), date: z.string(), seq: z.string() });
/** What the network stamped on a message: when it took it and when it gave it on, each with its number. */
export const stampsView = z.object({ received: stamp, sent: stamp });

/** A row of the log of criminal-history requests (III): a request, or the passing on of what came. */
export const iiiRow = z.object({
  id: idText,
  kind: z.enum(['asked', 'disseminated']),
  atMs: millis,
  messageId: idText,
  key: z.string(),
  /** An OSN; a station's id for what a station asked. */
  operator: z.string(),
  /** On whose behalf it was asked: the attention field. */
  requestor: z.string(),
  receivingAgency: z.string(),
  /** Person, agency and ORI it was passed on to, with a semicolon between; empty for a request. */
  secondaryRecipient: z.string(),
  purposeCode: z.string(),
  subject: z.string(),
  how: z.string(),
  basis: z.string(),
  verifiedBy: z.string(),
  pages: z.number().nullable(),
});
export type IiiRow = z.infer<typeof iiiRow>;

/** A court's order that hides a subject; for the custodian's eyes. */
export const sealedSubject = z.object({
  id: idText,
  status: z.enum(['STANDING', 'LIFTED']),
  atMs: millis,
  by: z.string(),
  subject: z.string(),
  order: z.string(),
  reason: z.string(),
  messageIds: z.array(idText),
  caseIds: z.array(idText),
});
export type SealedSubject = z.infer<typeof sealedSubject>;

const packetThing = z.object({ stream: z.string(), id: idText });

export const ledgerMethods = {
  /** The log of criminal-history requests, the newest first; looking is itself filed. */
  iiiLog: {
    takes: z.object({
      operator: z.string().max(20).optional(),
      agency: z.string().max(9).optional(),
      purpose: z.string().max(1).optional(),
      messageId: idText.optional(),
      name: z.string().max(80).optional(),
      fbi: z.string().max(9).optional(),
      requestor: z.string().max(60).optional(),
      recipient: z.string().max(60).optional(),
      fromMs: millis.optional(),
      untilMs: millis.optional(),
      limit: z.number().int().min(1).max(500),
      reason: why.optional(),
    }),
    gives: z.object({ rows: z.array(iiiRow) }),
  },
  /** Enters that a history was passed on to somebody outside; `messageId` is the request or an answer to it. */
  disseminate: {
    takes: z.object({
      messageId: idText,
      recipient: z.object({
        // A semicolon stands between the parts where they are kept.
        name: z
          .string()
          .min(1)
          .max(60)
          .regex(/^[^;]+$/),
        agency: z
          .string()
          .min(1)
          .max(60)
          .regex(/^[^;]+$/),
        ori: z.string().length(9).optional(),
      }),
      how: z.enum(['hand', 'mail', 'fax', 'telephone', 'radio', 'electronic']),
      purpose: z.string().regex(/^[A-Z]$/),
      /** The law or agreement that allows it. */
      basis: z.string().min(1).max(100),
      /** How the recipient was known to be who he said. */
      verifiedBy: z.string().min(1).max(100),
      pages: z.number().int().min(1).max(10_000).optional(),
      reason: why,
    }),
    gives: z.object({ id: idText, status: z.string() }),
  },
  /** A custodian hides a subject by order of a court; `dryRun` tells what would be hidden. */
  sealSubject: {
    takes: z.object({
      subject: z.object({
        name: z.string().min(3).max(80).regex(/,/).optional(),
        dob: z
          .string()
          .regex(/^\d{8}$/)
          .optional(),
        fbi: z.string().min(1).max(9).optional(),
        nic: z.string().length(10).optional(),
        oca: z.string().min(1).max(20).optional(),
        messageIds: z.array(idText).max(200).optional(),
      }),
      order: z.string().min(1).max(60),
      reason: why,
      dryRun: z.boolean().optional(),
    }),
    gives: z.object({ id: idText.nullable(), messageIds: z.array(idText), caseIds: z.array(idText) }),
  },
  /** Lifts the seal of a subject by the word of two people. */
  unsealSubject: { takes: z.object({ id: idText, reason: why, approver: shoulder }), gives: done },
  sealedSubjects: { takes: z.object({ reason: why }), gives: z.object({ rows: z.array(sealedSubject) }) },
  /**
   * Makes a packet that proves itself (`hitline ledger check`); it waits a few minutes and is fetched in parts. Of an operator it
   * holds what he sent, did, looked at and was refused, and his log-ons.
   */
  export: {
    takes: z.object({
      what: z.enum(['case', 'message', 'operator', 'week']),
      /** The id; an operator's OSN; the first day of the week (UTC), such as 2026-11-16. */
      id: idText,
      reason: why,
      /** For a custodian alone: puts what is sealed into the packet as well, and says so on file. */
      withSealed: z.boolean().optional(),
      /** Of an operator or a week: only what was filed from this time on, and before that one. */
      fromMs: millis.optional(),
      untilMs: millis.optional(),
    }),
    gives: z.object({
      packetId: idText,
      manifestSha256: z.string(),
      partCount: z.number(),
      /** To a custodian alone: which sealed messages and cases the packet holds, and which it leaves out. */
      sealed: z.object({ held: z.array(packetThing).readonly(), leftOut: z.array(packetThing).readonly() }).optional(),
    }),
  },
  /** One part of a packet, counted from 0; with the last one the gateway forgets it. */
  packetPart: {
    takes: z.object({ packetId: idText, part: z.number().int().min(0).max(1_000) }),
    gives: z.object({ base64: z.string() }),
  },
  /** Destroys the texts of what the retention schedule no longer keeps: two people, a supervisor or custodian each. */
  purge: { takes: z.object({ reason: why, approver: shoulder }), gives: z.object({ purgedCount: z.number() }) },
  /** Places a litigation hold: while it stands nothing is purged. Gives its id. */
  hold: { takes: z.object({ reason: why }), gives: z.object({ id: idText, status: z.string() }) },
  /** Lifts it by the word of two people. */
  liftHold: { takes: z.object({ id: idText, reason: why, approver: shoulder }), gives: done },
} as const;

import type { Incoming } from '../link.ts';
import type { SessionEffect } from '../session/state.ts';

/** A payload that arrived, and the two ways of answering it; a class, since a busy link makes one for each. */
export class Delivered implements Incoming {
  readonly payload: Buffer;
  readonly exchangeId: number;
  readonly duplicate: boolean;
  readonly #token: number;
  readonly #answer: (token: number, refusal: string | undefined) => void;

  constructor(
    effect: Extract<SessionEffect, { type: 'deliver' }>,
    answer: (token: number, refusal: string | undefined) => void,
  ) {
    this.payload = effect.payload;
    this.exchangeId = effect.exchangeId;
    this.duplicate = effect.duplicate;
    this.#token = effect.token;
    this.#answer = answer;
  }

  acknowledge(): void {
    this.#answer(this.#token, undefined);
  }

  refuse(reason: string): void {
    this.#answer(this.#token, reason);
  }
}

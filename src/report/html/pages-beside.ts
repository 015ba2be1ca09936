/** Names of the pages that lie beside the report; undefined: there is none. */
export interface PagesBeside {
  readonly explanation: string | undefined;
  readonly messages: string | undefined;
}

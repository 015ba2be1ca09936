/** Messages between nodes. Every one is plain JSON; which fields each has and when it is sent is said at its type. */
export type Message = { readonly type: 'placeholder' };

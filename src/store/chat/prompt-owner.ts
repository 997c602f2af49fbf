/** Whose prompts: a user's own, or shared with a group or with everybody. */
export type PromptOwner =
  | { readonly userId: number }
  | { readonly groupId: string }
  | { readonly isForAll: true };

PRAGMA foreign_keys = OFF;

CREATE TABLE accounts (
      id integer PRIMARY KEY REFERENCES users (id),
      posted integer NOT NULL CHECK (posted <= 1000000000000000),
      held integer NOT NULL,
      transfer_count integer NOT NULL,
      CHECK (0 <= held AND held <= posted)
    ) STRICT;

CREATE TABLE api_keys (
      id text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      name text NOT NULL,
      prefix text NOT NULL,
      secret_hash text NOT NULL UNIQUE,
      models text,
      budget integer,
      spent integer NOT NULL CHECK (spent >= 0),
      held integer NOT NULL CHECK (held >= 0),
      created_at integer NOT NULL,
      expires_at integer,
      last_used_at integer,
      ended_at integer,
      CHECK (budget IS NULL OR spent + held <= budget)
    ) STRICT;

CREATE TABLE audit_log (
      id text PRIMARY KEY,
      at integer NOT NULL,
      actor text NOT NULL,
      address text,
      action text NOT NULL,
      target text NOT NULL,
      reason text,
      before text,
      after text
    ) STRICT;

CREATE TABLE conversations (
      id text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      title text NOT NULL,
      model text,
      system_prompt text NOT NULL,
      leaf_id text,
      share_token text UNIQUE,
      is_loose integer NOT NULL CHECK (is_loose IN (0, 1)),
      created_at integer NOT NULL,
      updated_at integer NOT NULL
    ) STRICT;

CREATE TABLE holds (
      id text PRIMARY KEY,
      account_id integer NOT NULL REFERENCES accounts (id),
      credits integer NOT NULL CHECK (credits >= 0),
      state text NOT NULL CHECK (state IN ('open', 'settled', 'released')),
      lease_id text,
      model text,
      price text,
      input_tokens integer,
      idempotency_key text,
      api_key_id text REFERENCES api_keys (id),
      stop_asked_at integer,
      created_at integer NOT NULL,
      ended_at integer,
      CHECK ((state = 'open') = (ended_at IS NULL)),
      CHECK (state = 'released' OR (lease_id IS NOT NULL AND model IS NOT NULL
        AND price IS NOT NULL AND input_tokens IS NOT NULL))
    ) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
      scope text NOT NULL,
      key text NOT NULL,
      body_hash text NOT NULL,
      made_id text NOT NULL,
      created_at integer NOT NULL,
      PRIMARY KEY (scope, key)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
      generation_id text NOT NULL REFERENCES holds (id),
      piece integer NOT NULL,
      text text NOT NULL,
      aside text NOT NULL,
      PRIMARY KEY (generation_id, piece)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE kept_answers (
      id text PRIMARY KEY REFERENCES holds (id),
      content_type text NOT NULL,
      body text NOT NULL,
      created_at integer NOT NULL
    ) STRICT;

CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);

CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);

CREATE TABLE leases (
      id text PRIMARY KEY,
      expires_at integer NOT NULL
    ) STRICT;

CREATE TABLE messages (
      id text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      conversation_id text REFERENCES conversations (id),
      parent_id text,
      is_relayed integer NOT NULL DEFAULT 0 CHECK (is_relayed IN (0, 1)),
      model text NOT NULL,
      content text NOT NULL,
      reply text,
      status text NOT NULL CHECK (status IN
        ('pending', 'complete', 'incomplete', 'failed', 'imported')),
      failure text,
      created_at integer NOT NULL,
      ended_at integer,
      erased_at integer
    ) STRICT;

CREATE TABLE one_time_links (
      token_hash text PRIMARY KEY,
      purpose text NOT NULL CHECK (purpose IN ('setup', 'password')),
      user_id integer REFERENCES users (id),
      expires_at integer NOT NULL,
      CHECK ((purpose = 'setup') = (user_id IS NULL))
    ) STRICT;

CREATE TABLE refresh_tokens (
      jti text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      issued_at integer NOT NULL,
      expires_at integer NOT NULL,
      revoked_at integer
    ) STRICT;

CREATE TABLE transfers (
      id text PRIMARY KEY,
      account_id integer NOT NULL REFERENCES accounts (id),
      number integer NOT NULL CHECK (number >= 1),
      kind text NOT NULL CHECK (kind IN ('grant', 'adjustment', 'charge', 'refund')),
      credits integer NOT NULL,
      balance_after integer NOT NULL CHECK (balance_after >= 0),
      actor text NOT NULL,
      reason text,
      refund_of text REFERENCES transfers (id),
      model text,
      usage_input integer,
      usage_cached_input integer,
      usage_output integer,
      usage_source text CHECK (usage_source IN ('provider', 'counted', 'flat')),
      price text,
      shortfall integer NOT NULL CHECK (shortfall >= 0),
      created_at integer NOT NULL,
      CHECK ((kind = 'charge') = (reason IS NULL)),
      CHECK ((kind = 'charge') = (model IS NOT NULL AND price IS NOT NULL
        AND usage_source IS NOT NULL)),
      CHECK ((kind = 'refund') = (refund_of IS NOT NULL)),
      CHECK (CASE kind WHEN 'charge' THEN credits <= 0 WHEN 'adjustment' THEN credits < 0
        ELSE credits > 0 END)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE usage_active (
      period text PRIMARY KEY,
      users integer NOT NULL
    ) STRICT;

CREATE TABLE usage_models (
      step text NOT NULL CHECK (step IN ('hour', 'day', 'month')),
      period text NOT NULL,
      model text NOT NULL,
      messages integer NOT NULL,
      failed integer NOT NULL,
      charged integer NOT NULL,
      shortfall integer NOT NULL,
      refunded integer NOT NULL,
      usage_input integer NOT NULL,
      usage_cached_input integer NOT NULL,
      usage_output integer NOT NULL,
      durations text NOT NULL,
      PRIMARY KEY (step, period, model)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE usage_progress (
      id integer PRIMARY KEY CHECK (id = 1),
      until_at integer NOT NULL
    ) STRICT;

CREATE TABLE usage_users (
      user_id integer NOT NULL,
      period text NOT NULL,
      messages integer NOT NULL,
      failed integer NOT NULL,
      charged integer NOT NULL,
      usage_input integer NOT NULL,
      usage_output integer NOT NULL,
      PRIMARY KEY (user_id, period)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE users (
      id integer PRIMARY KEY,
      username text UNIQUE,
      password_hash text NOT NULL,
      is_active integer NOT NULL CHECK (is_active IN (0, 1)),
      is_staff integer NOT NULL CHECK (is_staff IN (0, 1)),
      is_superuser integer NOT NULL CHECK (is_superuser IN (0, 1)),
      joined_at integer NOT NULL,
      refresh_cutoff_at integer NOT NULL,
      access_cutoff_at integer NOT NULL DEFAULT 0,
      last_seen_at integer NOT NULL DEFAULT 0,
      deleted_at integer
    ) STRICT;

INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207114130958, 4000, 0, 1);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207114661722, 4194, 4097, 7);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207115160687, 3950, 0, 4);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207116147688, 4000, 0, 1);
INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, models, budget, spent, held, created_at, expires_at, last_used_at, ended_at)
VALUES ('01a22071-328c-719a-8c1c-b58305521dc8', 117207114661722, 'editor', 'chit_ZnhNFrJ', '6b91f7333857f96f6f847b46ed854eb9beb1ba15023f6f2d064cb8e2417daf75', NULL, 500, 13, 0, 1795840619148, NULL, 1795840619173, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-2e72-7709-8418-4d1c374e86c9', 1795840618098, 'cli:root', NULL, 'user.create', 'user:117207114130958', NULL, NULL, '{"is_staff":true,"is_superuser":true,"tokens":4000}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-3418-75cf-b5e7-68a4fb2f4c20', 1795840619544, 'cli:root', NULL, 'credits.grant', 'user:117207114661722', 'A gift', NULL, '{"tokens":250,"transfer":"01a22071-3418-75ce-b9f4-e65923d3d028"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-35a2-73ad-af0c-28f375352cb6', 1795840619938, 'cli:root', NULL, 'credits.grant', 'user:117207115160687', 'Taken back', NULL, '{"tokens":-50,"transfer":"01a22071-35a2-73ac-b56f-263904b3e088"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-3723-75b5-9e83-c35cce6bab92', 1795840620323, 'cli:root', NULL, 'credits.refund', 'user:117207115160687', 'It was not good', NULL, '{"charge":"01a22071-3247-7397-b72d-ec860dce489f","transfer":"01a22071-3723-75b4-afc5-4817384732bc"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-38d5-7463-8634-67bf934eb5ed', 1795840620757, 'cli:root', NULL, 'user.change', 'user:117207116147688', NULL, '{"is_active":true,"is_staff":false,"is_superuser":false}', '{"is_active":false,"is_staff":false,"is_superuser":false}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-38e6-746f-b6eb-13f2c2ff5747', 1795840620774, 'user:117207114130958', '127.0.0.1', 'user.password_link', 'user:117207115160687', NULL, NULL, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22071-3aa0-7293-b8fa-55b59dc0b6d1', 1795840621216, 'cli:root', NULL, 'user.delete', 'user:117207116147688', NULL, '{"tokens":4000,"keys":0}', NULL);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, is_loose, created_at, updated_at)
VALUES ('01a22071-324f-7306-9a9c-41a91fd1262d', 117207114661722, 'Hello', NULL, '', '01a22071-3232-712c-af89-815c93d7d4f9', NULL, 1, 1795840618790, 1795840619058);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, is_loose, created_at, updated_at)
VALUES ('01a22071-325e-7552-9d85-0f107bcd8cf1', 117207114661722, 'Mine', NULL, '', '01a22071-326a-76ff-8940-763eed4784a1', '7UAqKPFHGEGXG2TqITCkHD6x', 0, 1795840619102, 1795840619114);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-3126-73ea-b9fd-a1c57f285359', 117207114661722, 10, 'settled', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 'a key of chat', NULL, NULL, 1795840618790, 1795840618818);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-3149-7239-9837-b9b3d6e97fc1', 117207114661722, 3990, 'settled', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 6, NULL, NULL, NULL, 1795840618825, 1795840619041);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-3226-7371-806a-5ceb8a43141e', 117207114661722, 3977, 'released', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 2, NULL, NULL, NULL, 1795840619046, 1795840619055);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-3232-712c-af89-815c93d7d4f9', 117207114661722, 3977, 'settled', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 3, NULL, NULL, NULL, 1795840619058, 1795840619076);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-3247-7397-b72d-ec860dce489f', 117207115160687, 10, 'settled', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, NULL, NULL, NULL, 1795840619079, 1795840619082);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-326a-76ff-8940-763eed4784a1', 117207114661722, 3970, 'settled', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 3, NULL, NULL, NULL, 1795840619114, 1795840619145);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22071-32a8-7605-b566-8dd30e01b226', 117207114661722, 500, 'settled', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 2, 'a key of v1', '01a22071-328c-719a-8c1c-b58305521dc8', NULL, 1795840619176, 1795840619180);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-3df6-757d-b624-8c92f8b96de6', 117207114661722, 4097, 'open', '01a22071-2a7f-7304-adcc-c3ecbb9db043', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 4, NULL, NULL, NULL, 1795840687606, NULL);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117207114661722', 'a key of chat', 'BJfun-ER6vNp4xnkXtHwu7xMA0ul0brwPSdK9aNXD7k', '01a22071-3126-73ea-b9fd-a1c57f285359', 1795840618790);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117207114661722', 'a key of v1', 'Zfit37KAvVJ-rMPvwcxvIir8GNoUJK-DSVEUrgMhQtA', '01a22071-32a8-7605-b566-8dd30e01b226', 1795840619176);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('grant:117207114661722', 'a key of grant', 'LnN1mDWbLoZO23Q5v7Fdh-rfJtXBo4V-oAK_Ovo8E08', '01a22071-3418-75ce-b9f4-e65923d3d028', 1795840619544);
INSERT INTO journal (generation_id, piece, text, aside)
VALUES ('01a22072-3df6-757d-b624-8c92f8b96de6', 0, 'Grüße aus 東京 und Zürich', '');
INSERT INTO kept_answers (id, content_type, body, created_at)
VALUES ('01a22071-32a8-7605-b566-8dd30e01b226', 'application/json', '{"id":"chatcmpl-6","object":"chat.completion","created":1795840619,"model":"metered","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_emulated"}', 1795840619176);
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0001-initial', '2026-11-28T04:36:57.083Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0002-administration', '2026-11-28T04:36:57.084Z');
INSERT INTO kysely_migration_lock (id, is_locked)
VALUES ('migration_lock', 0);
INSERT INTO leases (id, expires_at)
VALUES ('01a22071-2a7f-7304-adcc-c3ecbb9db043', 1795840697501);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-3126-73ea-b9fd-a1c57f285359', 117207114661722, '01a22071-324f-7306-9a9c-41a91fd1262d', NULL, 0, 'flat', 'Hello', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840618790, 1795840618818, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-3149-7239-9837-b9b3d6e97fc1', 117207114661722, '01a22071-324f-7306-9a9c-41a91fd1262d', '01a22071-3126-73ea-b9fd-a1c57f285359', 0, 'metered', 'It''s a ''quoted'' question', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840618825, 1795840619041, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-3226-7371-806a-5ceb8a43141e', 117207114661722, '01a22071-324f-7306-9a9c-41a91fd1262d', '01a22071-3149-7239-9837-b9b3d6e97fc1', 0, 'metered', 'This fails', NULL, 'failed', 'The model did not answer. Nothing was charged.', 1795840619046, 1795840619055, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-3232-712c-af89-815c93d7d4f9', 117207114661722, '01a22071-324f-7306-9a9c-41a91fd1262d', '01a22071-3226-7371-806a-5ceb8a43141e', 0, 'metered', 'This breaks off', 'Grüße aus 東京 und', 'incomplete', 'The model broke off.', 1795840619058, 1795840619076, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-3247-7397-b72d-ec860dce489f', 117207115160687, NULL, NULL, 0, 'flat', 'From bob', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840619079, 1795840619082, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-326a-76ff-8940-763eed4784a1', 117207114661722, '01a22071-325e-7552-9d85-0f107bcd8cf1', NULL, 0, 'metered', 'In a conversation', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840619114, 1795840619145, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22071-32a8-7605-b566-8dd30e01b226', 117207114661722, NULL, NULL, 1, 'metered', 'Relayed', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840619176, 1795840619180, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-3df6-757d-b624-8c92f8b96de6', 117207114661722, NULL, NULL, 0, 'metered', 'This is never finished', NULL, 'pending', NULL, 1795840687606, NULL, NULL);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('c61da23601b10f22a38037278ea2f9fa4bf45f50e3d65ea7cced3d1a7068dab6', 'setup', NULL, 1795842417483);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('a2f29b9da41b8eedafeb24f5ab470ed812acf78ea661ed6a9335d178ee771eb6', 'password', 117207115160687, 1795927020774);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('ec418efb57fa7fb9cf93f024a0b2d622', 117207114130958, 1795840618000, 1795927018000, NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('278553b35754370f9738c5c472972aa3', 117207114661722, 1795840618000, 1795927018000, NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('12d3269f36a9a028b3248e5c83773bb5', 117207115160687, 1795840618000, 1795927018000, NULL);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-2e72-7708-a9ca-12005d3ea4b4', 117207114130958, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840618098);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-2ef3-77de-ae1a-74df2615a2f0', 117207114661722, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840618227);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-2f6d-763c-9aad-6a3e73fca3f7', 117207115160687, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840618349);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-305e-72dc-a9ef-f8fa0f258b75', 117207116147688, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840618590);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-3126-73ea-b9fd-a1c57f285359', 117207114661722, 2, 'charge', -10, 3990, 'system', NULL, NULL, 'flat', 1, 0, 12, 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 1795840618818);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-3149-7239-9837-b9b3d6e97fc1', 117207114661722, 3, 'charge', -13, 3977, 'system', NULL, NULL, 'metered', 4, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840619041);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-3232-712c-af89-815c93d7d4f9', 117207114661722, 4, 'charge', -7, 3970, 'system', NULL, NULL, 'metered', 3, NULL, 6, 'counted', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840619076);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-3247-7397-b72d-ec860dce489f', 117207115160687, 2, 'charge', -10, 3990, 'system', NULL, NULL, 'flat', 2, 0, 12, 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 1795840619082);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-326a-76ff-8940-763eed4784a1', 117207114661722, 5, 'charge', -13, 3957, 'system', NULL, NULL, 'metered', 3, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840619145);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-32a8-7605-b566-8dd30e01b226', 117207114661722, 6, 'charge', -13, 3944, 'system', NULL, NULL, 'metered', 1, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840619180);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-3418-75ce-b9f4-e65923d3d028', 117207114661722, 7, 'grant', 250, 4194, 'cli:root', 'A gift', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840619544);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-35a2-73ac-b56f-263904b3e088', 117207115160687, 3, 'adjustment', -50, 3940, 'cli:root', 'Taken back', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840619938);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22071-3723-75b4-afc5-4817384732bc', 117207115160687, 4, 'refund', 10, 3950, 'cli:root', 'It was not good', '01a22071-3247-7397-b72d-ec860dce489f', NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840620323);
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28T04', 2);
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28', 2);
INSERT INTO usage_active (period, users)
VALUES ('2026-11', 2);
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[1,0,0,0,1,0,0,1,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T04', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T04', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[1,0,0,0,1,0,0,1,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[1,0,0,0,1,0,0,1,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_progress (id, until_at)
VALUES (1, 1795840627488);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207114661722, '2026-11', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207114661722, '2026-11-28', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207114661722, '2026-11-28T04', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207115160687, '2026-11', 1, 0, 10, 2, 12);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207115160687, '2026-11-28', 1, 0, 10, 2, 12);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207115160687, '2026-11-28T04', 1, 0, 10, 2, 12);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207114130958, 'root', '$argon2id$v=19$m=19456,t=2,p=1$BIeyQ7ffyyxoFiEhmDGf+g$2mJ0eSJo9xdC6FIvq5ILpO3mbTcd9XiJupV2bZd3/Qs', 1, 1, 1, 1795840618098, 0, 0, 1795840620773, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207114661722, 'ada', '$argon2id$v=19$m=19456,t=2,p=1$xKY5BG8P0Q45hrrzRqJNLw$qT8NjH3Ip6Q9GGKT9vL0vCa0q021Ufv5Zc5XmipgNjc', 1, 0, 0, 1795840618227, 0, 0, 1795840619173, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207115160687, 'bob', '$argon2id$v=19$m=19456,t=2,p=1$+sPnMiSFvASnLOt8X77xQw$x0Mak7UtmWNj1fKMNzBYx46w+0xLJeQELAhyynBr048', 1, 0, 0, 1795840618349, 0, 0, 1795840619079, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207116147688, NULL, '', 0, 0, 0, 1795840618590, 0, 0, 0, 1795840621216);

CREATE INDEX accounts_by_balance ON accounts (posted, id);

CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE INDEX audit_log_by_action ON audit_log (action, id);

CREATE INDEX audit_log_by_actor ON audit_log (actor, id);

CREATE INDEX audit_log_by_target ON audit_log (target, id);

CREATE TRIGGER audit_log_refuse_delete BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;

CREATE TRIGGER audit_log_refuse_replace BEFORE INSERT ON audit_log
        WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;

CREATE TRIGGER audit_log_refuse_update BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;

CREATE INDEX conversations_by_use ON conversations (user_id, updated_at, id);

CREATE UNIQUE INDEX conversations_loose ON conversations (user_id) WHERE is_loose = 1;

CREATE INDEX holds_by_api_key ON holds (api_key_id) WHERE api_key_id IS NOT NULL;

CREATE INDEX holds_open ON holds (lease_id) WHERE state = 'open';

CREATE INDEX holds_to_stop ON holds (id)
      WHERE stop_asked_at IS NOT NULL AND state = 'open';

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE INDEX kept_answers_by_age ON kept_answers (created_at);

CREATE INDEX messages_alone ON messages (user_id, is_relayed, id)
      WHERE conversation_id IS NULL AND erased_at IS NULL;

CREATE INDEX messages_by_conversation ON messages (conversation_id, id)
      WHERE conversation_id IS NOT NULL;

CREATE UNIQUE INDEX one_time_links_by_user ON one_time_links (user_id);

CREATE UNIQUE INDEX one_time_links_setup ON one_time_links (purpose)
      WHERE purpose = 'setup';

CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);

CREATE UNIQUE INDEX transfers_by_account ON transfers (account_id, number);

CREATE UNIQUE INDEX transfers_by_refund ON transfers (refund_of) WHERE refund_of IS NOT NULL;

CREATE TRIGGER transfers_refuse_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;

CREATE TRIGGER transfers_refuse_replace BEFORE INSERT ON transfers
        WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM transfers WHERE account_id = NEW.account_id AND number = NEW.number) OR EXISTS (SELECT 1 FROM transfers WHERE refund_of = NEW.refund_of) BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;

CREATE TRIGGER transfers_refuse_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;

CREATE INDEX usage_users_by_charge ON usage_users (period, charged, user_id)
      WHERE length(period) < 13;

CREATE INDEX users_by_joining ON users (joined_at, id);

CREATE INDEX users_by_last_seen ON users (last_seen_at, id);

CREATE INDEX users_by_name ON users (lower(username), id);

CREATE INDEX users_disabled ON users (lower(username), id)
    WHERE is_active = 0 AND deleted_at IS NULL;

CREATE INDEX users_staff ON users (lower(username), id)
    WHERE is_staff = 1 AND deleted_at IS NULL;

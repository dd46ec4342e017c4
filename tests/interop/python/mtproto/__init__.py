"""MTProto once more, written from the official pages alone and sharing no line with the crates of this repository.

It is the second opinion of the tests: what two implementations that never saw each other agree on is what the pages say.
Pages, all under core.telegram.org: mtproto/auth_key, mtproto/samples-auth_key, mtproto/description, mtproto/description_v1,
mtproto/mtproto-transports, mtproto/service_messages, api/pfs, method/auth.bindTempAuthKey.

    tl         what is written and read: definitions as the pages print them, and a codec that follows them
    aes        AES-256 in IGE and in CTR mode
    kdf        keys derived from an authorization key or from the nonces
    rsa        keys, fingerprints, RSA_PAD and the SHA-1 padding before it
    dh         the Diffie-Hellman group, its checks, factors of pq
    message    plain and encrypted messages
    transport  full, abridged, intermediate, padded intermediate, and their obfuscation

    handshake_client, handshake_server  both sides of mtproto/auth_key, and what binds a temporary key
    session_client, session_server      both sides of sessions
    client_faults, server_faults        what each can do wrong, one thing at a time
"""

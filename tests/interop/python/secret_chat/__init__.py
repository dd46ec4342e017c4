"""Secret chats from the official pages alone: api/end-to-end, api/end-to-end_v1, api/end-to-end/pfs, api/end-to-end/seq_no.

    layers  the schema, as it was at each layer
    packet  encryption of one message, MTProto 2.0 and 1.0; encryption of files
    chat    one side of a chat: layers, sequence numbers, gaps, resends, deletions
    rekey   exchanges of new keys
"""

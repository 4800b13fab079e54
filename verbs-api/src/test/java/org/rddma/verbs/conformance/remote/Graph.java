package org.rddma.verbs.conformance.remote;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkRequest;

/**
 * The values of one call: its arguments, and what comes back. Requests, attributes and completions are copied, field by
 * field; objects of the library are referred to by their number; buffers in the arena by their place. What has been sent once is
 * known at both ends under the same number, so that a request that comes back as the culprit is the caller's own, and that a
 * list of requests may bite its tail.
 */
final class Graph {
    private static final int NULL = 0;
    private static final int KNOWN = 1;
    private static final int SERIAL = 2;
    private static final int LIST = 3;
    private static final int OPTIONAL = 4;
    private static final int ARRAY = 5;
    private static final int SHARED_BUFFER = 6;
    private static final int OTHER_BUFFER = 7;
    private static final int RECORD = 8;
    private static final int FIELDS = 9;
    private static final int YOURS = 10;
    private static final int MINE = 11;
    private static final int REFUSAL = 12;
    private static final int INT = 13;
    private static final int LONG = 14;
    private static final int BOOLEAN = 15;

    private final References references;
    private final SharedArena arena;
    private final List<Object> known = new ArrayList<>();
    private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();

    Graph(References references, SharedArena arena) {
        this.references = references;
        this.arena = arena;
    }

    private void remember(Object object) {
        numbers.put(object, known.size());
        known.add(object);
    }

    void write(DataOutputStream out, Object value) throws IOException {
        Integer number = value == null ? null : numbers.get(value);
        if (value == null) {
            out.writeByte(NULL);
        } else if (number != null) {
            out.writeByte(KNOWN);
            out.writeInt(number);
        } else if (value instanceof Integer small) {
            out.writeByte(INT);
            out.writeInt(small);
        } else if (value instanceof Long large) {
            out.writeByte(LONG);
            out.writeLong(large);
        } else if (value instanceof Boolean truth) {
            out.writeByte(BOOLEAN);
            out.writeBoolean(truth);
        } else if (value instanceof List<?> list) {
            out.writeByte(LIST);
            writeAll(out, list);
        } else if (value instanceof Optional<?> optional) {
            out.writeByte(OPTIONAL);
            write(out, optional.orElse(null));
        } else if (value instanceof Object[] array) {
            out.writeByte(ARRAY);
            out.writeUTF(array.getClass().getComponentType().getName());
            writeAll(out, Arrays.asList(array));
        } else if (value instanceof ByteBuffer buffer) {
            writeBuffer(out, buffer);
        } else if (value instanceof VerbsException refusal) {
            out.writeByte(REFUSAL);
            writeSerial(out, refusal);
            write(out, refusal.badRequest().orElse(null));
        } else {
            writeObject(out, value);
        }
    }

    private void writeObject(DataOutputStream out, Object value) throws IOException {
        Class<?> type = value.getClass();
        int behind = references.numberBehind(value);
        if (behind >= 0) {
            out.writeByte(YOURS);
            out.writeInt(behind);
        } else if (type.isRecord() && isOfLibrary(type)) {
            out.writeByte(RECORD);
            out.writeUTF(type.getName());
            for (RecordComponent component : type.getRecordComponents()) {
                write(out, get(component, value));
            }
        } else if (isOfLibrary(type)
                && !type.isEnum()
                && References.interfacesOf(value).isEmpty()) {
            out.writeByte(FIELDS);
            out.writeUTF(type.getName());
            remember(value);
            writeFields(out, value);
        } else if (value instanceof java.io.Serializable && type.getClassLoader() == null || value instanceof Enum) {
            out.writeByte(SERIAL);
            writeSerial(out, value);
        } else if (value instanceof Throwable failure) {
            out.writeByte(SERIAL);
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace, true));
            writeSerial(out, new IllegalStateException("in the other process: " + trace));
        } else {
            out.writeByte(MINE);
            out.writeInt(references.numberOf(value));
            writeAll(out, References.interfacesOf(value));
        }
    }

    private static boolean isOfLibrary(Class<?> type) {
        return type.getPackageName().equals("org.rddma.verbs");
    }

    private void writeAll(DataOutputStream out, List<?> values) throws IOException {
        out.writeInt(values.size());
        for (Object value : values) {
            write(out, value);
        }
    }

    private void writeBuffer(DataOutputStream out, ByteBuffer buffer) throws IOException {
        int offset = arena.offsetOf(buffer);
        out.writeByte(offset >= 0 ? SHARED_BUFFER : OTHER_BUFFER);
        out.writeInt(buffer.capacity());
        out.writeInt(buffer.position());
        out.writeInt(buffer.limit());
        out.writeBoolean(buffer.isReadOnly());
        out.writeBoolean(buffer.order() == ByteOrder.LITTLE_ENDIAN);
        if (offset >= 0) {
            out.writeInt(offset);
            return;
        }
        out.writeBoolean(buffer.isDirect());
        byte[] content = new byte[buffer.capacity()];
        buffer.duplicate().clear().get(content);
        out.write(content);
    }

    private ByteBuffer readBuffer(DataInputStream in, boolean shared) throws IOException {
        int capacity = in.readInt();
        int position = in.readInt();
        int limit = in.readInt();
        boolean readOnly = in.readBoolean();
        ByteOrder order = in.readBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        ByteBuffer buffer;
        if (shared) {
            buffer = arena.slice(in.readInt(), capacity);
        } else {
            boolean direct = in.readBoolean();
            byte[] content = in.readNBytes(capacity);
            buffer = direct ? arena.allocate(capacity).put(content) : ByteBuffer.wrap(content);
        }
        return (readOnly ? buffer.asReadOnlyBuffer() : buffer)
                .clear()
                .limit(limit)
                .position(position)
                .order(order);
    }

    private static void writeSerial(DataOutputStream out, Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream serial = new ObjectOutputStream(bytes)) {
            serial.writeObject(value);
        }
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static Object readSerial(DataInputStream in) throws IOException {
        try (ObjectInputStream serial = new ObjectInputStream(new ByteArrayInputStream(in.readNBytes(in.readInt())))) {
            return serial.readObject();
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("both processes have the same classes", e);
        }
    }

    Object read(DataInputStream in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case NULL -> null;
            case KNOWN -> known.get(in.readInt());
            case SERIAL -> readSerial(in);
            case INT -> in.readInt();
            case LONG -> in.readLong();
            case BOOLEAN -> in.readBoolean();
            case LIST -> Arrays.asList(readAll(in, Object.class));
            case OPTIONAL -> Optional.ofNullable(read(in));
            case ARRAY -> readAll(in, References.named(in.readUTF()));
            case SHARED_BUFFER -> readBuffer(in, true);
            case OTHER_BUFFER -> readBuffer(in, false);
            case RECORD -> readRecord(in, References.named(in.readUTF()));
            case FIELDS -> readFields(in, References.named(in.readUTF()));
            case YOURS -> references.mine(in.readInt());
            case MINE -> readReference(in);
            case REFUSAL -> readRefusal(in);
            default -> throw new IOException("kind " + kind);
        };
    }

    private Object[] readAll(DataInputStream in, Class<?> type) throws IOException {
        Object[] values = (Object[]) Array.newInstance(type, in.readInt());
        for (int i = 0; i < values.length; i++) {
            values[i] = read(in);
        }
        return values;
    }

    private Object readReference(DataInputStream in) throws IOException {
        int number = in.readInt();
        List<String> interfaces = new ArrayList<>();
        for (Object name : readAll(in, Object.class)) {
            interfaces.add((String) name);
        }
        return references.theirs(number, interfaces);
    }

    private VerbsException readRefusal(DataInputStream in) throws IOException {
        VerbsException refusal = (VerbsException) readSerial(in);
        WorkRequest culprit = (WorkRequest) read(in);
        return culprit == null ? refusal : refusal.about(culprit);
    }

    private static Object get(RecordComponent component, Object record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object readRecord(DataInputStream in, Class<?> type) throws IOException {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            types[i] = components[i].getType();
            values[i] = read(in);
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Field> fieldsOf(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> part = type; part != Object.class; part = part.getSuperclass()) {
            for (Field field : part.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private void writeFields(DataOutputStream out, Object value) throws IOException {
        for (Field field : fieldsOf(value.getClass())) {
            try {
                write(out, field.get(value));
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Object readFields(DataInputStream in, Class<?> type) throws IOException {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            Object value = constructor.newInstance();
            remember(value);
            readFields(in, value);
            return value;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private void readFields(DataInputStream in, Object value) throws IOException {
        for (Field field : fieldsOf(value.getClass())) {
            try {
                field.set(value, read(in));
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Sends what may have changed: completions are filled by the call. */
    void writeChanges(DataOutputStream out, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (known.get(i) instanceof WorkCompletion) {
                writeFields(out, known.get(i));
            }
        }
    }

    void readChanges(DataInputStream in, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (known.get(i) instanceof WorkCompletion) {
                readFields(in, known.get(i));
            }
        }
    }

    /** How many values are known at both ends by now. */
    int count() {
        return known.size();
    }
}

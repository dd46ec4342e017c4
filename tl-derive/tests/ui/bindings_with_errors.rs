use tl_derive::tl_schema;

tl_schema!(mod api, "user id:lng = User;
chat users:Vector<Usr> = Chat;");
tl_schema!(mod other, file = "nowhere.tl");
tl_schema!(mod third, "user id:long = User;", colour = true);
tl_schema!(mod fourth);
tl_schema!(mod fifth, "user id:long = User;", only = ["nobody"]);

fn main() {}
